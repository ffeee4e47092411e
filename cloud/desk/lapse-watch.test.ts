import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import type { AuditFacts } from '../audit/audit-entry.ts';
import { SqliteModelRegistry } from '../forecast/registry/sqlite-model-registry.ts';
import { SecondPerson } from '../forecast/registry/second-person.ts';
import { LapseWatch } from './lapse-watch.ts';
import { SqliteDeskStore } from './sqlite-desk-store.ts';

const START = Date.UTC(2021, 8, 25, 10);
const WAIT_MS = 15 * 60_000;

function rig() {
  const clock = new VirtualClock(START);
  const [desk, models] = [new SqliteDeskStore(':memory:'), new SqliteModelRegistry(':memory:')];
  desk.open();
  models.open();
  const written: AuditFacts[] = [];
  const events: LoadstoneEvent[] = [];
  let isFull = false;
  const watch = () =>
    new LapseWatch({
      clock,
      desk,
      models,
      audit: {
        append: async (facts) => {
          if (isFull) throw new Error('the disk is full');
          written.push(facts);
          return undefined as never;
        },
      },
      report: (event) => events.push(event),
    });
  const ask = (id: string): Promise<void> => {
    const now = clock.machine.now();
    const act = { kind: 'resume', target: 'region:north' } as const;
    return desk.ask({ id, act, user: 'anna', reason: 'it is out', createdAt: now, expiresAt: now + WAIT_MS });
  };
  const promote = (id: string) =>
    new SecondPerson(() => clock.machine.now(), models).consent({ id, to: 'active', by: 'eva', reason: 'seen it' });
  return { clock, desk, watch, written, events, ask, promote, full: (yes: boolean) => (isFull = yes) };
}

test('a request that nobody approves in time is audited and announced once; a decided one is not', async () => {
  const { clock, desk, watch, written, events, ask, promote } = rig();
  const running = watch();
  await running.start();
  await ask('apr-1');
  await ask('apr-2');
  await promote('mdl-1');
  await desk.decide('apr-2', { state: 'refused', by: 'bert', why: 'no', now: clock.machine.now() });
  await clock.advance(WAIT_MS - 1);
  assert.deepEqual(written, []);
  await clock.advance(60_000);
  running.stop();
  assert.deepEqual(written, [
    {
      who: 'cloud',
      what: 'request.lapsed',
      on: 'region:north',
      from: { requester: 'anna' },
      to: { kind: 'resume' },
      why: 'it is out',
      outcome: 'expired',
    },
    {
      who: 'cloud',
      what: 'request.lapsed',
      on: 'model:mdl-1',
      from: { requester: 'eva' },
      to: { to: 'active' },
      why: 'seen it',
      outcome: 'expired',
    },
  ]);
  assert.deepEqual(
    events.map(({ code, subject }) => [code, subject]),
    [
      ['request.lapsed', 'north'],
      ['request.lapsed', 'mdl-1'],
    ],
  );
  assert.equal((await desk.approval('apr-1'))!.state, 'expired');
});

test('requests that lapsed while the cloud was down are audited at start; failed writes are retried', async () => {
  const { clock, watch, written, ask, full } = rig();
  await ask('apr-1');
  await clock.advance(WAIT_MS + 1);
  full(true);
  await assert.rejects(watch().look());
  full(false);
  const next = watch();
  await next.start();
  next.stop();
  assert.equal(written.length, 1);
  await watch().look();
  assert.equal(written.length, 1);
});
