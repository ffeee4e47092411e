import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { SystemView } from '../../../shared/contracts/system.ts';
import { warrantOf } from '../access.ts';
import type { ApiDeps } from '../deps.ts';

const MOST_NAMED = 5;

const Params = Type.Object({ id: Type.String({ maxLength: 200, examples: ['plan.owd'] }) });
type Params = Static<typeof Params>;

const Answer = Type.Object(SystemView.properties, {
  title: 'System',
  examples: [
    {
      version: '0.2.0',
      nodes: [
        {
          role: 'owner',
          name: 'process 812 of cloud-1',
          version: '0.2.0',
          address: null,
          since: 1_767_261_600_000,
        },
      ],
      queues: [{ kind: 'plan', waiting: 0, running: 1, threads: 2, nodeThreads: null }],
      parts: [{ part: 'store', kind: 'SQLite', health: 'ok' }],
      lag: {
        thread: { seconds: 60, lateP50Ms: 0.3, lateP99Ms: 12, lateMaxMs: 40, busyPct: 8 },
        memoryBytes: 310_000_000,
        heldPoints: 0,
        failedWrites: 0,
        backlogFrames: 12,
        missingFrames: 0,
        commitMs: null,
        term: null,
      },
      givenUp: [
        {
          id: 'plan.owd',
          kind: 'plan',
          subject: 'owd',
          by: null,
          at: 1_767_261_600_000,
          attempts: 1,
          code: 'LS-NODE-002',
          why: 'dispatch was given up: it was returned four times, as its nodes died or lost the broker',
        },
      ],
      software: [{ software: 'loadstone-edge 0.2.0', count: 1, gateways: ['owd-01'] }],
    },
  ],
});

/** The parts of the cloud, and what failed there for good. */
export function systemRoutes(app: FastifyInstance, { owner: { grid, givenUp }, views }: ApiDeps): void {
  app.get(
    '/v1/system',
    {
      config: { right: 'quarantine:read' },
      schema: {
        tags: ['operation'],
        operationId: 'getSystem',
        summary: 'Get nodes, parts, lag and software versions',
        response: { 200: Answer },
      },
    },
    async (): Promise<SystemView> => {
      const bySoftware = Map.groupBy(views.gateways(), ({ health }) => health?.software ?? null);
      const software = [...bySoftware]
        .map(([name, all]) => ({
          software: name,
          count: all.length,
          gateways: all.slice(0, MOST_NAMED).map(({ id }) => id),
        }))
        .toSorted((a, b) => b.count - a.count);
      return { ...(await grid.system()), software };
    },
  );
  const schema = { tags: ['operation'], params: Params };
  app.post<{ Params: Params }>(
    '/v1/system/given-up/:id/retry',
    {
      config: { right: 'operate' },
      schema: {
        ...schema,
        operationId: 'retryGivenUp',
        summary: 'Try work again that was given up: a plan, training or job takes its usual turn',
        response: { 204: Type.Null({ description: 'it waits for its turn, or did so before' }) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      request.act = { on: `given-up:${id}` };
      await givenUp.retry(warrantOf(request), id);
      return reply.status(204).send();
    },
  );
  app.delete<{ Params: Params }>(
    '/v1/system/given-up/:id',
    {
      config: { right: 'operate' },
      schema: {
        ...schema,
        operationId: 'discardGivenUp',
        summary: 'Discard work that was given up',
        response: { 204: Type.Null({ description: 'it is not in the list' }) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      request.act = { on: `given-up:${id}` };
      await givenUp.discard(warrantOf(request), id);
      return reply.status(204).send();
    },
  );
}
