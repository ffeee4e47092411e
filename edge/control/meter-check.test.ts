import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { SeededRandom } from '../../shared/ports/random.ts';
import { checkMeter, faultyMetersOf, mended } from './meter-check.ts';
import type { MeterCheckState } from './state.ts';
import { element, image, START } from './testing/images.ts';

type Sign = -1 | 0 | 1;

/** Six hours in minutes: two heads that vary, some unmetered load, and meters that read `signs` times the true value. */
function judge(
  sign: Sign,
  restKw: number,
  ofHeads: readonly Sign[] = [1, 1],
): { minutes: number; state: MeterCheckState | null } {
  const random = new SeededRandom(7);
  let state: MeterCheckState | null = null;
  const heads = ofHeads.map(() => 1000);
  let rest = 500;
  let found = -1;
  for (let minute = 0; minute < 360; minute++) {
    heads.forEach((_, at) => (heads[at]! += 40 * (random.next() - 0.5)));
    rest += restKw * (random.next() - 0.5);
    const whole = heads.reduce((sum, kw) => sum + kw, rest);
    const elements = new Map([
      element('transformer', sign * whole),
      ...heads.map((kw, at) => element(`feeder-${at + 1}`, ofHeads[at]! * kw)),
    ]);
    const now = image({ time: START + minute * 60_000, stepS: 60, elements });
    state = checkMeter(state, now, { ratedKva: 8000, behindKw: {} });
    if (found < 0 && state !== null && state.finding !== 'none') found = minute;
  }
  return { minutes: found, state };
}

test('the meter check finds a reversed or dead transformer meter and never flags a good one, despite noise', () => {
  const reversed = judge(-1, 40);
  assert.deepEqual([reversed.state?.finding, reversed.minutes < 90], ['reversed', true]);
  assert.deepEqual([judge(0, 40).state?.finding, judge(0, 40).minutes <= 11], ['dead', true]);
  assert.equal(judge(1, 40).minutes, -1);
  assert.equal(judge(1, 200).minutes, -1);
});

test('variations that one reversed head would explain do not make the transformer meter reversed', () => {
  assert.equal(judge(1, 40, [-1]).minutes, -1);
  assert.equal(judge(-1, 40, [1]).minutes, -1, 'either of the two may be the one that is reversed');
  assert.equal(judge(1, 40, [-1, 0]).minutes, -1);
  assert.equal(judge(1, 40, [-1, 1]).minutes, -1);
});

/** Finding after each cycle for these readings of a head, its devices and the meter, kW, with a transformer of 8 MVA. */
function foundAt(heads: readonly number[], meter: readonly number[], devices = heads): (string | undefined)[] {
  return foundBy(
    heads.map((kw) => [kw]),
    meter,
    devices,
  );
}

/** The same for several heads. The devices are those of the first. */
function foundBy(
  heads: readonly (readonly number[])[],
  meter: readonly number[],
  devices: readonly number[],
): (string | undefined)[] {
  let state: MeterCheckState | null = null;
  return heads.map((each, cycle) => {
    const elements = new Map([
      element('transformer', meter[cycle]!),
      ...each.map((kw, at) => element(`feeder-${at + 1}`, kw)),
    ]);
    const now = image({ time: START + cycle * 1000, elements });
    state = checkMeter(state, now, { ratedKva: 8000, behindKw: { 'feeder-1': devices[cycle]! } });
    return state?.finding;
  });
}

const held = <T>(values: readonly T[], cycles: number): T[] => [
  ...values,
  ...Array.from({ length: cycles }, () => values.at(-1)!),
];

test('under guard action the meter check finds a reversed meter within seconds, and a repaired one too', () => {
  const heads = [...held([4000], 3), ...held([4300, 4700, 5100], 3)];
  const turned = heads.map((kw) => -3000 - kw);
  const found = foundAt(heads, turned);
  assert.deepEqual(found, [...held(['none'], 8), 'reversed']);
  const both = foundAt([...heads, ...heads], [...turned, ...heads.map((kw) => 3000 + kw)]);
  assert.equal(both.at(-1), 'none');
  assert.equal(
    foundAt(
      heads,
      heads.map(() => -7000),
    ).at(-1),
    'none',
    'load that moves between heads and the rest flags no meter',
  );
});

test('a reversed head does not make the transformer meter reversed, and the devices behind a head tell which it is', () => {
  const moved = [...held([4000], 4), ...held([5100], 4)];
  const still = moved.map(() => 100);
  const against = moved.map((kw) => 9000 - kw);
  assert.equal(foundAt(moved, against, still).at(-1), 'none', 'a spike behind the only head');
  assert.equal(foundAt(moved, against, moved).at(-1), 'reversed', 'its devices moved as the head did');
  assert.equal(foundAt(moved, against, against).at(-1), 'none', 'its devices moved as the transformer meter did');
});

test('moves of two heads against the transformer meter make it reversed, however often one of them moves alone', () => {
  const rest = [4000, 4000, 4000, 4000];
  const step = (from: readonly number[], head: number): number[][] => [
    ...rest.map(() => [...from]),
    ...rest.map(() => from.map((kw, at) => (at === head ? kw + 1100 : kw))),
  ];
  const first = [...step([1000, 1000], 0), ...step([1000, 1000], 0)];
  const both = [...first, ...step([1000, 1000], 1)];
  const found = (heads: readonly number[][]) =>
    foundBy(
      heads,
      heads.map(([a, b]) => -500 - a! - b!),
      heads.map(() => 0),
    );
  assert.deepEqual(new Set(found(first)), new Set(['none']));
  assert.equal(found(both).at(-1), 'reversed');
});

test('property: timing offsets and unmetered load never flag a good meter', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -1500, max: 1500 }), fc.integer({ min: 1, max: 6 })), {
        minLength: 4,
        maxLength: 40,
      }),
      fc.integer({ min: -3, max: 3 }),
      fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 30 }),
      (ramps, apart, rest) => {
        let kw = 4000;
        const truth = ramps.flatMap(([change, cycles]) =>
          Array.from({ length: cycles }, () => (kw += change / cycles)),
        );
        const at = (cycle: number): number => truth[Math.max(0, Math.min(truth.length - 1, cycle))]!;
        const heads = truth.map((_, cycle) => at(cycle - Math.max(0, apart)));
        const meter = truth.map((_, cycle) => at(cycle - Math.max(0, -apart)) + 2000 + rest[cycle % rest.length]!);
        assert.ok(!foundAt(heads, meter).includes('reversed'));
      },
    ),
    { numRuns: 5000 },
  );
});

test('a meter finding of the cloud holds until the meter proves good locally', () => {
  assert.deepEqual(faultyMetersOf(null, { transformer: 'reversed', 'feeder-1': 'dead' }), {
    transformer: 'reversed',
    'feeder-1': 'dead',
  });
  assert.deepEqual(faultyMetersOf(judge(1, 40).state, { transformer: 'reversed' }), {});
  assert.deepEqual(faultyMetersOf(judge(0, 40).state, undefined), { transformer: 'dead' });
  const elements = new Map([element('transformer', 0), element('feeder-1', -300), element('feeder-2', 200)]);
  const kw = (liars: Parameters<typeof mended>[1]) =>
    [...mended(image({ elements }), liars).elements.values()].map(({ activePowerKw }) => activePowerKw);
  assert.deepEqual(kw({ transformer: 'dead' }), [-100, -300, 200]);
  assert.deepEqual(kw({ transformer: 'dead', 'feeder-1': 'reversed' }), [500, 300, 200]);
  assert.deepEqual(kw({ transformer: 'dead', 'feeder-1': 'dead' }), [null, null, 200]);
});

test('the meter check continues after a clock years ahead is set back', () => {
  const before = judge(1, 40, [1]).state!;
  const ahead = { ...before, samples: 0, xx: 0, xy: 0, yy: 0, lastTime: START + 5e10 };
  let state: MeterCheckState | null = ahead;
  for (let minute = 0; minute < 3; minute++) {
    const elements = new Map([element('transformer', 1500), element('feeder-1', 1000)]);
    state = checkMeter(state, image({ time: START + minute * 60_000, stepS: 60, elements }), {
      ratedKva: 8000,
      behindKw: {},
    });
  }
  assert.equal(state?.samples, 3);
});
