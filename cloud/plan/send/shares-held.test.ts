import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { changesOf, shareAt, type ShareSchedule } from '../../../shared/contracts/share-schedule.ts';
import { SharesHeld } from './shares-held.ts';

const LIMITS = { importKw: 6000, exportKw: 4000 };
const flat = (start: number, kw: number, after = 2000): ShareSchedule => ({
  start,
  stepsS: [3600, 3600],
  importKw: [kw, kw],
  exportKw: [kw / 2, kw / 2],
  after: { importKw: after, exportKw: after / 2 },
});

test('a share grows only after the other gateway has confirmed a smaller one', () => {
  const shares = new SharesHeld(LIMITS, new Map());
  shares.sent('aaa', { number: { epoch: 1, sequence: 1 }, schedule: shares.give('aaa', flat(0, 4000)) });
  shares.sent('bbb', { number: { epoch: 1, sequence: 1 }, schedule: shares.give('bbb', flat(0, 2000)) });
  shares.sent('aaa', { number: { epoch: 1, sequence: 2 }, schedule: shares.give('aaa', flat(0, 1000)) });
  assert.equal(shares.give('bbb', flat(0, 5000)).importKw[0], 2000, 'aaa may still hold the old one');
  shares.confirmed('aaa', { epoch: 1, sequence: 2 });
  assert.equal(shares.give('bbb', flat(0, 5000)).importKw[0], 5000);
});

test('a schedule is held to the newest one of its gateway until the end of that', () => {
  const shares = new SharesHeld(LIMITS, new Map([['bbb', { importKw: 700, exportKw: 300 }]]));
  shares.sent('aaa', { number: { epoch: 1, sequence: 1 }, schedule: flat(0, 4000) });
  const asked = flat(3_600_000, 5000);
  assert.deepEqual(shares.within('aaa', asked).importKw, [4000, 5000]);
  assert.deepEqual(shares.within('bbb', asked).exportKw, [300, 300]);
  assert.deepEqual(shares.within('aaa', flat(0, 3000)), flat(0, 3000));
});

test('a gateway that confirms nothing for days takes bounded memory and work', () => {
  const shares = new SharesHeld(LIMITS, new Map());
  const before = process.cpuUsage();
  for (let at = 0; at < 3000; at++) {
    const schedule = { ...flat(at * 300_000, 1500 + (at % 7) * 10), stepsS: [3600, 3600 + (at % 5) * 300] };
    shares.sent('aaa', { number: { epoch: 1, sequence: at + 1 }, schedule });
    if (at % 10 === 0) assert.ok(shares.give('bbb', flat(at * 300_000, 6000)).importKw[0]! <= 4500);
    shares.done('bbb');
  }
  assert.ok(shares.countOf('aaa') <= 8, `${shares.countOf('aaa')} schedules are kept`);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 20e6);
});

test('property: whichever of its schedules each gateway holds, together they keep the limit of the region', () => {
  const kw = fc.integer({ min: 0, max: 8000 });
  const act = fc.record({
    gateway: fc.integer({ min: 0, max: 3 }),
    waitS: fc.integer({ min: 0, max: 4000 }),
    kw,
    after: kw,
    isHeard: fc.boolean(),
    isSaid: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const shares = new SharesHeld(LIMITS, new Map());
      const holds = new Map<string, ShareSchedule>();
      let now = 0;
      for (const [at, each] of acts.entries()) {
        now += 1000 * each.waitS;
        const gateway = `g${each.gateway}`;
        const schedule = shares.give(gateway, flat(now, each.kw, each.after));
        shares.sent(gateway, { number: { epoch: 1, sequence: at + 1 }, schedule });
        if (each.isHeard) holds.set(gateway, schedule);
        if (each.isHeard && each.isSaid) shares.confirmed(gateway, { epoch: 1, sequence: at + 1 });
        for (const later of [0, 1800, 5000, 1e5]) {
          let [up, down] = [0, 0];
          for (const held of holds.values()) {
            const { importKw, exportKw } = shareAt(held, now + 1000 * later);
            up += importKw;
            down += exportKw;
          }
          assert.ok(up <= LIMITS.importKw && down <= LIMITS.exportKw, `${up}, ${down} kW after ${later} s`);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('property: schedules shrink exactly to what the others leave at each moment', () => {
  const steps = fc.array(
    fc.record({ stepS: fc.integer({ min: 1, max: 4000 }), kw: fc.integer({ min: 0, max: 8000 }) }),
    { minLength: 1, maxLength: 12 },
  );
  const scheduled = fc
    .record({ start: fc.integer({ min: 0, max: 20_000 }), steps })
    .map(({ start, steps: all }): ShareSchedule => ({
      start: 1000 * start,
      stepsS: all.map(({ stepS }) => stepS),
      importKw: all.map(({ kw }) => kw),
      exportKw: all.map(({ kw }) => kw / 2),
      after: { importKw: 2000, exportKw: 1000 },
    }));
  fc.assert(
    fc.property(fc.array(scheduled, { minLength: 1, maxLength: 3 }), scheduled, (others, asked) => {
      const shares = new SharesHeld(LIMITS, new Map());
      for (const [at, other] of others.entries())
        shares.sent('aaa', { number: { epoch: 1, sequence: at + 1 }, schedule: shares.give('aaa', other) });
      const given = shares.give('bbb', asked);
      const taken = new SharesHeld(LIMITS, new Map());
      const held = others.map((other) => taken.give('aaa', other));
      const changes = [asked, ...held].flatMap(changesOf);
      for (const [step, from] of changesOf(asked).entries()) {
        const to = changesOf(asked)[step + 1] ?? Infinity;
        const moments = [from, ...changes.filter((at) => at > from && at < to)];
        const most = Math.max(...held.flatMap((each) => moments.map((at) => shareAt(each, at).importKw)));
        const wanted = asked.importKw[step] ?? asked.after.importKw;
        const is = given.importKw[step] ?? given.after.importKw;
        assert.equal(is, Math.min(wanted, LIMITS.importKw - most));
      }
    }),
    { numRuns: 300 },
  );
});
