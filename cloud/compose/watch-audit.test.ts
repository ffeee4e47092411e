import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { TimeBase } from '../../shared/time/clock.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { watchAudit } from './watch-audit.ts';

test('stops that are not yet recorded raise an alarm until all places have them; retried every 5 s', async () => {
  const clock = new VirtualClock(Date.UTC(2027, 0, 15));
  const reported: string[] = [];
  const placeOf = () => {
    const place = {
      waiting: 0,
      isFull: true,
      settle: async (): Promise<void> => {
        if (place.isFull) throw new Error('disk full');
        place.waiting = 0;
      },
    };
    return place;
  };
  const [audit, desk, outbox] = [placeOf(), placeOf(), placeOf()];
  const watch = watchAudit({
    places: [audit, desk, outbox],
    clock,
    events: {
      append: (source, events) => void reported.push(...events.map(({ event }) => `${source} ${event.active}`)),
    },
    show: ({ code, active, text }) => void reported.push(`desk ${code} ${active} ${text}`),
    logger: { info: () => undefined, error: () => undefined },
  });
  await clock.advance(5000);
  assert.deepEqual(reported, []);
  audit.waiting = 1;
  desk.waiting = 1;
  outbox.waiting = 1;
  await clock.advance(15_000);
  assert.deepEqual(reported.splice(0), [
    'desk LS-AUDIT-002 true stops that were sent and are only in memory: 1; they cannot be stored',
  ]);
  audit.isFull = false;
  desk.isFull = false;
  await clock.advance(5000);
  assert.deepEqual([audit.waiting, desk.waiting, reported], [0, 0, []], 'one of the three is enough');
  outbox.isFull = false;
  await clock.advance(5000);
  assert.deepEqual(reported, ['cloud true', 'cloud false']);
  watch.cancel();
});

test('storage that does not answer delays the alarm by two seconds and is asked only once', async () => {
  const clock = new VirtualClock(Date.UTC(2027, 0, 15));
  // Time goes on while a task waits.
  const machine: TimeBase = { ...clock.machine, after: (ms, task) => clock.machine.after(ms, () => void task()) };
  const reported: string[] = [];
  let settles = 0;
  const settle = (): Promise<void> => {
    settles += 1;
    return new Promise(() => {});
  };
  const watch = watchAudit({
    places: [
      { waiting: 1, settle },
      { waiting: 1, settle },
    ],
    clock: { plant: clock.plant, machine, speed: () => 1 },
    events: { append: () => undefined },
    show: ({ code, active }) => void reported.push(`${code} ${active}`),
    logger: { info: () => undefined, error: () => undefined },
  });
  await clock.advance(5000);
  await setImmediate();
  assert.deepEqual(reported, []);
  await clock.advance(2000);
  await setImmediate();
  assert.deepEqual(reported, ['LS-AUDIT-002 true']);
  await clock.advance(10_000);
  watch.cancel();
  assert.equal(settles, 2, 'once each');
});
