import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BrokerStanding } from '../ingest/rabbitmq/broker-standing.ts';
import type { NodesStanding } from '../task-queue/task-desk.ts';
import { healthOf } from './health.ts';

test('health shows each part separately, with the reason if it fails', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'ls-health-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const parts = {
    data,
    isStoreFailing: () => false,
    listens: () => true,
    now: () => Date.now(),
    freeBytes: async () => 5e9,
  };
  const good = { store: 'ok', broker: 'ok', clock: 'ok', disk: 'ok' };
  assert.deepEqual(await healthOf(parts)(), good);
  assert.deepEqual(await healthOf({ ...parts, isStoreFailing: () => true })(), {
    ...good,
    store: 'cannot store measurements',
  });
  const standing = (since: number | null) => ({
    standing: {
      away: since === null ? null : { since, why: 'PostgreSQL at db:5432/loadstone: it ended' },
      commitMs: 2,
      term: 1,
    },
  });
  assert.deepEqual(await healthOf({ ...parts, postgres: standing(null) })(), { ...good, state: 'ok' });
  assert.deepEqual(await healthOf({ ...parts, postgres: standing(1_800_000_000_000) })(), {
    ...good,
    state: 'has not answered since 2027-01-15T08:00:00.000Z: PostgreSQL at db:5432/loadstone: it ended',
  });
  assert.deepEqual(await healthOf({ ...parts, listens: () => false })(), {
    ...good,
    broker: 'accepts no connections from gateways',
  });
  const away = { since: 1_800_000_000_000, why: 'uplink.rabbitmq.host: RabbitMQ does not answer at mq:5671' };
  const onRabbit = (standing: BrokerStanding) => healthOf({ ...parts, broker: () => standing })();
  assert.deepEqual(await onRabbit({ away: null, management: null }), good);
  assert.deepEqual(await onRabbit({ away, management: away }), {
    ...good,
    broker: `has not answered since 2027-01-15T08:00:00.000Z: ${away.why}`,
  });
  assert.deepEqual(await onRabbit({ away: null, management: away }), {
    ...good,
    broker: `cannot change gateways: ${away.why}`,
  });
  const some = { plan: 1, train: 1, planner: 1 };
  const nodesWith = (areAlone: boolean, more: Partial<NodesStanding>) =>
    healthOf({
      ...parts,
      nodes: {
        areAlone,
        standing: () => ({
          threads: some,
          waiting: some,
          dead: 0,
          aloneSince: null,
          asked: 0,
          running: some,
          queued: some,
          nodes: [],
          late: 0,
          ...more,
        }),
      },
    })();
  const alone = { threads: { plan: 0, train: 0, planner: 0 }, aloneSince: 1_800_000_000_000 };
  assert.deepEqual(await nodesWith(false, alone), good, 'it has threads of its own');
  assert.deepEqual(await nodesWith(true, {}), { ...good, nodes: 'ok' });
  assert.deepEqual(await nodesWith(true, alone), {
    ...good,
    nodes:
      'no job node has been connected since 2027-01-15T08:00:00.000Z: plans in force continue, but no new plan is made',
  });
  assert.equal((await nodesWith(true, { threads: { ...some, train: 0 } })).nodes, 'no job node accepts tasks of train');
  assert.deepEqual(await healthOf({ ...parts, freeBytes: async () => 1e8 })(), {
    ...good,
    disk: `only 100 MB are free in ${data}; at least 500 MB are needed`,
  });
  assert.match((await healthOf({ ...parts, now: () => 86_400_000 })()).clock, /^shows 1970-01-02/);
  const { disk } = await healthOf({
    ...parts,
    data: join(data, 'gone'),
    freeBytes: async () => {
      throw new Error('ENOENT');
    },
  })();
  assert.equal(disk, 'ENOENT');
});
