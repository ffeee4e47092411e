import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { NumberWatch } from './number-watch.ts';

test('a gateway that names impossible document numbers is one alarm, which ends once they fit', async () => {
  const clock = new VirtualClock(Date.UTC(2021, 8, 25));
  const told: string[] = [];
  const watch = new NumberWatch({
    clock,
    report: (gateway, { kind, code, severity, active }) =>
      void told.push(`${gateway} ${kind} ${code} ${severity} ${active}`),
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
  assert.deepEqual(told, ['g-01 alarm LS-DOC-011 high true']);
  await clock.advance(60_000);
  watch.fits('g-01');
  watch.fits('g-01');
  assert.deepEqual(told.slice(1), ['g-01 alarm LS-DOC-011 info false']);
});

test('an alarm that goes on is told again, so that a gateway that started anew confirms it', async () => {
  const clock = new VirtualClock(Date.UTC(2021, 8, 25));
  let told = 0;
  const watch = new NumberWatch({ clock, report: () => void told++ });
  for (let minute = 0; minute <= 20; minute++) {
    watch.refused('g-01', 'x');
    await clock.advance(60_000);
  }
  assert.equal(told, 3);
});
