import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { goesOutLocked } from '../../../shared/contracts/critical-act.ts';
import { type Act, ActAnswer, ApprovalView, DeskView } from '../../../shared/contracts/desk.ts';
import { FeederMode } from '../../../shared/contracts/ids.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { assertUnlocked } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { actorOn, Why } from './desk.ts';
import { pageOf } from '../answers/cursor.ts';
import { proofOf } from './session.ts';

const closed = { additionalProperties: false } as const;
const ActBody = Type.Object(
  {
    kind: Type.Enum([
      'stop',
      'resume',
      'tag',
      'untag',
      'mode',
      'approve-plan',
      'refuse-plan',
      'emergency',
      'normal',
    ] as const),
    target: Type.String({
      maxLength: 160,
      description: 'device:owd-01/battery-1, feeder:owd-1, substation:owd, region:north',
    }),
    mode: Type.Optional(FeederMode),
    plan: Type.Optional(
      Type.String({ minLength: 4, maxLength: 64, description: 'id of the plan to approve or refuse' }),
    ),
    durationS: Type.Optional(Type.Integer({ minimum: 60, maximum: 86_400, description: 'seconds of plant time' })),
    reason: Why,
  },
  { ...closed, title: 'Act' },
);
type ActBody = Static<typeof ActBody>;
const IdParams = Type.Object({ id: Type.String({ maxLength: 64 }) });
type IdParams = Static<typeof IdParams>;
const Decision = Type.Object(
  {
    decision: Type.Enum(['approve', 'refuse'] as const),
    reason: Why,
    passkey: Type.Optional(
      Type.String({
        maxLength: 20_000,
        description: 'JSON of the browser response to passkeyAsk; required to approve if api.passkeyApprovals is set',
      }),
    ),
  },
  { ...closed, title: 'Decision' },
);
type Decision = Static<typeof Decision>;

/** Stops, modes, tags, raised limits and plans, and their approval by a second person. */
export function actRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { desk, operators, passkeys } = deps.owner;
  const tags = ['desk'];

  app.get(
    '/v1/view/desk',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'getDeskView',
        summary: 'Get modes, stops, tags and raised limits as gateways report them',
        response: { 200: DeskView },
      },
    },
    async () => desk.view(),
  );

  app.post<{ Body: ActBody }>(
    '/v1/acts',
    {
      config: { right: 'operate', judgesLock: true },
      schema: {
        tags,
        operationId: 'act',
        summary:
          'Stop or resume, tag, set a mode, approve or refuse a plan, raise limits; a critical act waits for a second person',
        body: ActBody,
        response: { 202: ActAnswer },
      },
    },
    async (request, reply) => {
      const { reason, target, ...to } = request.body;
      request.act = { on: target, to, why: reason, isStop: to.kind === 'stop' };
      if (!goesOutLocked(request.body)) assertUnlocked(request);
      const actor = actorOn(request, deps, target);
      return reply.status(202).send(await operators.ask(actor, actOf(request.body), reason));
    },
  );

  app.get(
    '/v1/approvals',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'listApprovals',
        summary: 'List acts that wait for a second person, and past decisions',
        response: { 200: pageOf(ApprovalView) },
      },
    },
    async () => ({
      items: await desk.approvals(),
      nextCursor: null,
    }),
  );

  app.post<{ Params: IdParams; Body: Decision }>(
    '/v1/approvals/:id',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'decideApproval',
        summary: 'Approve or refuse an act that another person requested',
        params: IdParams,
        body: Decision,
        response: { 202: ActAnswer },
      },
    },
    async (request, reply) => {
      const { decision, reason, passkey } = request.body;
      const { act, user: requester } = await desk.approval(request.params.id);
      const { target, ...what } = act;
      request.act = { on: target, from: { requester }, to: { decision, ...what }, why: reason };
      const approver = actorOn(request, deps, target);
      request.act = { ...request.act, approver: approver.user };
      if (decision === 'approve' && deps.passkeyApprovals)
        await passkeys.confirm(request.identity?.session ?? '', proofOf(request, passkey, deps));
      const answer = await operators.decide(approver, request.params.id, {
        approve: decision === 'approve',
        why: reason,
      });
      return reply.status(202).send(answer);
    },
  );
}

/** Returns an act with the fields that its kind needs; throws LS-API-007 for a missing one. */
function actOf({ kind, target, mode, plan, durationS }: ActBody): Act {
  const lacking = (name: string): LoadstoneError =>
    new LoadstoneError('LS-API-007', `${kind} needs ${name}`, `/body/${name}`);
  switch (kind) {
    case 'mode':
      if (mode === undefined) throw lacking('mode');
      return { kind, target, mode };
    case 'approve-plan':
    case 'refuse-plan':
      if (plan === undefined) throw lacking('plan');
      return { kind, target, plan };
    case 'emergency':
      if (durationS === undefined) throw lacking('durationS');
      return { kind, target, durationS };
    case 'stop':
    case 'resume':
    case 'tag':
    case 'untag':
    case 'normal':
      return { kind, target };
  }
}
