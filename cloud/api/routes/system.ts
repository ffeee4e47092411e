import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { SystemView } from '../../../shared/contracts/system.ts';
import type { ApiDeps } from '../deps.ts';

const MOST_NAMED = 5;

const Answer = Type.Object(SystemView.properties, {
  title: 'System',
  examples: [
    {
      version: '0.2.0',
      nodes: [{ role: 'owner', name: 'process 812 of cloud-1', address: null, since: 1_767_261_600_000 }],
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
      software: [{ software: 'loadstone-edge 0.2.0', count: 1, gateways: ['owd-01'] }],
    },
  ],
});

/** The parts of the cloud, for its administrators. */
export function systemRoute(app: FastifyInstance, { owner: { grid }, views }: ApiDeps): void {
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
}
