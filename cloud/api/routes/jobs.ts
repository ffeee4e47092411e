import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { Nullable } from '../../../shared/contracts/nullable.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { isOver, type Job } from '../../jobs/job.ts';
import { callerOf, warrantOf } from '../access.ts';
import { formatTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { problem } from '../problem.ts';

export const JobShape = Type.Object(
  {
    id: Type.String(),
    kind: Type.String(),
    status: Type.Union([
      Type.Literal('queued'),
      Type.Literal('running'),
      Type.Literal('succeeded'),
      Type.Literal('failed'),
      Type.Literal('cancelled'),
    ]),
    progress: Type.Number({ minimum: 0, maximum: 1 }),
    createdAt: Type.String(),
    finishedAt: Nullable(Type.String()),
    result: Nullable(Type.Object({ href: Type.String() })),
    error: Nullable(Type.Ref('Problem')),
  },
  {
    $id: 'Job',
    title: 'Job',
    examples: [
      {
        id: 'job_01k2f5',
        kind: 'forecast',
        status: 'succeeded',
        progress: 1,
        createdAt: '2021-10-01T06:00:00Z',
        finishedAt: '2021-10-01T06:00:02Z',
        result: { href: '/v1/forecasts/fc_01k2f6?quantiles=0.05,0.5,0.95' },
        error: null,
      },
    ],
  },
);

const RETRY_S = 2;
const MOST_WAIT_S = 25;

function shown(job: Job) {
  return {
    id: job.id,
    kind: job.kind,
    status: job.status,
    progress: job.progress,
    createdAt: formatTime(job.createdAt),
    finishedAt: job.finishedAt === null ? null : formatTime(job.finishedAt),
    result: job.href === null ? null : { href: job.href },
    error:
      job.fault === null
        ? null
        : problem(
            job.fault.code,
            job.fault.detail,
            job.fault.pointer === undefined ? undefined : [{ pointer: job.fault.pointer, detail: job.fault.detail }],
          ),
  };
}

const Params = Type.Object({ id: Type.String({ maxLength: 80, examples: ['job_01k2f5'] }) });
type Params = Static<typeof Params>;

/** Long-running jobs; each caller sees and cancels their own. */
export function jobRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const own = async (request: FastifyRequest<{ Params: Params }>): Promise<Job> => {
    const job = await deps.owner.jobs.get(request.params.id);
    const { name } = callerOf(request);
    // A guest of the demo sees what was requested with the owner's token.
    if (job === undefined || (job.owner !== name && !(name === 'guest' && job.owner === 'owner')))
      throw new LoadstoneError('LS-API-004', `there is no job "${request.params.id}" of ${name}`, '/params/id');
    return job;
  };
  const schema = { tags: ['jobs'], params: Params, response: { 200: Type.Ref('Job') } };
  app.get<{ Params: Params }>(
    '/v1/jobs/:id',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: { ...schema, operationId: 'getJob', summary: 'Get the state of a job' },
    },
    async (request, reply) => answerJob(reply, await own(request)),
  );
  app.delete<{ Params: Params }>(
    '/v1/jobs/:id',
    {
      config: { right: 'planner:write', checksTargets: true },
      schema: { ...schema, operationId: 'cancelJob', summary: 'Cancel a job that has not ended' },
    },
    async (request, reply) => {
      const job = await own(request);
      if (isOver(job)) throw new LoadstoneError('LS-API-005', `the job has already ended: ${job.status}`);
      return answerJob(reply, (await deps.owner.jobs.cancel(warrantOf(request), job.id))!);
    },
  );
}

function answerJob(reply: FastifyReply, job: Job): ReturnType<typeof shown> {
  if (!isOver(job)) void reply.header('retry-after', RETRY_S);
  return shown(job);
}

/**
 * Submits a job. With `Prefer: wait=10` it answers when the job is done, at the latest after that many seconds. A job that failed by then
 * is thrown with its error code, like any refusal.
 */
export async function acceptJob(
  request: FastifyRequest,
  reply: FastifyReply,
  work: { readonly deps: ApiDeps; readonly kind: string; readonly task: unknown },
): Promise<Job> {
  const { deps, kind, task } = work;
  const job = await deps.owner.jobs.submit(warrantOf(request), { kind, owner: callerOf(request).name, request: task });
  void reply.header('location', `/v1/jobs/${job.id}`);
  const wait = waitOf(request.headers['prefer']);
  if (wait === 0) return job;
  void reply.header('preference-applied', `wait=${wait}`);
  const waited = (await deps.owner.jobs.finished(job.id, wait * 1000)) ?? job;
  const { fault } = waited;
  if (fault !== null) throw new LoadstoneError(fault.code, fault.detail, fault.pointer);
  return waited;
}

export const sendAccepted = (reply: FastifyReply, job: Job): FastifyReply =>
  reply.status(202).header('retry-after', RETRY_S).send(shown(job));

/** RFC 7240: wait=N seconds; 0 if absent. */
function waitOf(prefer: string | string[] | undefined): number {
  const match = /(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])/.exec(String(prefer ?? ''));
  return match === null ? 0 : Math.min(MOST_WAIT_S, Number(match[1]));
}
