import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { NumberWatch } from './number-watch.ts';

test('impossible document numbers of a gateway are one alarm, which ends once they are valid', async () => {
  const clock = new VirtualClock(Date.UTC(2021, 8, 25));
  const events: string[] = [];
  const watch = new NumberWatch({
    clock,
    report: (gateway, { kind, code, severity, active }) =>
      void events.push(`${gateway} ${kind} ${code} ${severity} ${active}`),
  });
  watch.fits('g-01');
  watch.refused('g-01', 'It names epoch 9007199254740991.');
  watch.fits('g-01');
  for (let at = 0; at < 5; at++) {
    await clock.advance(5000);
    watch.refused('g-01', 'It names epoch 9007199254740991.');
    watch.fits('g-01');
    watch.fits('g-02');
  }
  assert.deepEqual(events, ['g-01 alarm LS-DOC-011 high true']);
  await clock.advance(60_000);
  watch.fits('g-01');
  watch.fits('g-01');
  assert.deepEqual(events.slice(1), ['g-01 alarm LS-DOC-011 info false']);
});

test('a standing alarm is raised again, so that a restarted gateway confirms it', async () => {
  const clock = new VirtualClock(Date.UTC(2021, 8, 25));
  let count = 0;
  const watch = new NumberWatch({ clock, report: () => void count++ });
  for (let minute = 0; minute <= 20; minute++) {
    watch.refused('g-01', 'x');
    await clock.advance(60_000);
  }
  assert.equal(count, 3);
});
