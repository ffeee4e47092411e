import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { watchAudit } from './watch-audit.ts';

test('stops that wait for the audit list are an alarm until they are written, which is tried each 5 s', async () => {
  const clock = new VirtualClock(Date.UTC(2027, 0, 15));
  const told: string[] = [];
  let isFull = true;
  const audit = {
    waiting: 0,
    settle: async (): Promise<void> => {
      if (isFull) throw new Error('disk full');
      audit.waiting = 0;
    },
  };
  const watch = watchAudit({
    audit,
    clock,
    events: { append: (source, events) => void told.push(...events.map(({ event }) => `${source} ${event.active}`)) },
    show: ({ code, active, text }) => void told.push(`desk ${code} ${active} ${text}`),
    logger: { info: () => undefined, error: () => undefined },
  });
  await clock.advance(5000);
  assert.deepEqual(told, []);
  audit.waiting = 2;
  await clock.advance(15_000);
  assert.deepEqual(told.splice(0), [
    'desk LS-STORE-001 true 2 stops have gone out and stand in memory alone: the audit list takes nothing',
  ]);
  isFull = false;
  await clock.advance(5000);
  assert.deepEqual(told, ['cloud true', 'cloud false']);
  watch.cancel();
});
