import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { watchState } from './watch-state.ts';

const START = Date.UTC(2027, 0, 15);

test('a database outage is logged once it ends, with reason and start; the database is checked every 5 s', async () => {
  const clock = new VirtualClock(START);
  let fault: string | undefined;
  const asked: number[] = [];
  const reported: string[] = [];
  const log = (level: string) => (first: unknown, text?: string) =>
    void reported.push(`${level} ${text ?? String(first)}`);
  const watch = watchState({
    postgres: {
      standing: { away: null, commitMs: null, term: 1 },
      check: async () => {
        asked.push(clock.machine.now() - START);
        if (fault !== undefined) throw new LoadstoneError('LS-STORE-001', fault);
      },
    },
    clock,
    events: {
      append: (source, events) => {
        for (const { event } of events) reported.push(`${source} ${event.time - START} ${event.active} ${event.text}`);
      },
    },
    show: ({ time, active, text }) => void reported.push(`desk ${time - START} ${active} ${text}`),
    logger: { info: log('info'), error: log('error') },
  });
  await clock.advance(5000);
  assert.deepEqual(reported, []);
  fault = 'PostgreSQL at db:5432/loadstone: it ended';
  await clock.advance(15_000);
  assert.deepEqual(reported, [`error ${fault}`, `desk 10000 true ${fault}`]);
  fault = undefined;
  await clock.advance(5000);
  assert.deepEqual(reported.slice(2), [
    'info PostgreSQL answers again.',
    'cloud 10000 true PostgreSQL at db:5432/loadstone: it ended',
    'cloud 25000 false PostgreSQL answers again.',
  ]);
  watch.cancel();
  await clock.advance(10_000);
  assert.deepEqual(asked, [5000, 10_000, 15_000, 20_000, 25_000]);
});
