import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { opened, smallRegion, START } from '../api/testing/api-fixture.ts';
import { SqliteJobStore } from '../jobs/sqlite-job-store.ts';
import { SqliteWebhookStore } from '../planner/webhooks/sqlite-webhook-store.ts';
import { composePlanner, type Planner } from './planner.ts';

test('a job that ends while the cloud stops is still queued for webhooks', async () => {
  const webhooks = opened(new SqliteWebhookStore(':memory:'));
  await webhooks.add(
    { id: 'w', owner: 'anna', url: 'https://x.example', events: ['job.finished'], secret: 'whsec_x', createdAt: START },
    9,
  );
  const stopping = Promise.withResolvers<void>();
  const planner: Planner = composePlanner({
    cloud: {
      dispatch: { request: () => stopping.resolve(planner.stop()) },
      loads: {},
      subscribe: () => () => undefined,
    },
    region: smallRegion(),
    clock: new VirtualClock(START),
    jobs: opened(new SqliteJobStore(':memory:')),
    webhooks,
    webhookHosts: ['x.example'],
    callerNamed: (name: string) => ({ name, targets: '*', scopes: ['planner:read'], requestsPerSecond: 1 }),
    givenUp: { ended: () => undefined, stop: async () => undefined },
    onBug: (error: unknown) => assert.fail(String(error)),
  } as never);
  await planner.start();
  await planner.jobs.submit({ kind: 'plan', owner: 'anna', request: { subject: 'owd' } });
  await stopping.promise;
  assert.equal(await webhooks.pending('w'), 1);
});
