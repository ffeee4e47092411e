import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlantTruth } from '../plant/truth.ts';
import { EV_FLOOR_KW } from '../region/devices.ts';
import { buildRegion } from '../region/region.ts';
import { drawCourse } from './course.ts';
import { readProtocol } from './protocol.ts';
import { SiteScore, type Relief } from './site-score.ts';

const { protocol } = readProtocol();
const scenario = protocol.scenarios['ordinary']!;
const [model] = buildRegion(['owd']).substations;
const FEEDER = 'owd-2';
const limitKw = model!.heads!.find(({ feeder }) => feeder === FEEDER)!.importKw;
const ev = model!.devices.find(({ type, feeder }) => type === 'ev-site' && feeder === FEEDER)!;
const flex = model!.devices.find(({ type, feeder }) => type === 'flexible-load' && feeder === FEEDER)!;
const away = model!.devices.find(({ type, feeder }) => type === 'battery' && feeder !== FEEDER)!;

interface Head {
  readonly loadingPct: number;
  readonly tripped: boolean;
  /** Above the limit, instead of the spike's excess. */
  readonly overKw?: number;
}

/** A spike that puts the head `overKw` over its limit, with these device powers, and the head second by second. */
function reliefOf(
  overKw: number,
  powersKw: Readonly<Record<string, number>>,
  heads: readonly Head[] = [1, 2, 3].map(() => ({ loadingPct: 110, tripped: false })),
): Relief | undefined {
  const course = drawCourse(protocol, { seed: 1, name: 'ordinary', scenario, hours: 2 });
  const spike = course.events.find((event) => event.kind === 'spike' && event.feeder === FEEDER)!;
  const score = new SiteScore(model!, course, protocol.unit);
  for (const [at, head] of heads.entries())
    score.step(
      {
        timeMs: course.startMs + 1000 * (spike.atS + at + 1),
        sourceKw: 0,
        lossesKw: 0,
        interruptedKw: 0,
        transformer: { activePowerKw: 0 },
        busIds: [],
        voltagePu: new Float64Array(),
        feeders: [{ id: FEEDER, activePowerKw: limitKw + (head.overKw ?? overKw), ...head }],
        devices: Object.entries(powersKw).map(([id, activePowerKw]) => ({
          id,
          activePowerKw,
          voltagePu: 1,
          values: { socPct: 80, sessions: 5 },
        })),
      } as unknown as PlantTruth,
      1,
    );
  return score.outcome().relief[0];
}

test('a spike beyond the capability of all devices behind a head is reported apart from slow relief', () => {
  const rests = { [ev.id]: 5 * EV_FLOOR_KW, [flex.id]: flex.floorKw!, [away.id]: 0 };
  assert.equal(
    reliefOf(200, rests)!.beyondKw,
    200,
    'cars at their minimum charge and a battery at another feeder offer no relief',
  );
  assert.equal(reliefOf(200, { ...rests, [flex.id]: flex.floorKw! + 150 })!.beyondKw, 50);
  assert.equal(reliefOf(200, { ...rests, [ev.id]: 5 * EV_FLOOR_KW + 200 })!.beyondKw, 0);
});

test('a spike knows the time that the relay leaves at its first loading, and whether the head tripped', () => {
  const at = (loadingPct: number, tripped = false): Head => ({ loadingPct, tripped });
  const { relayS, tripped } = reliefOf(0, {}, [at(240), at(130), at(0, true)])!;
  assert.deepEqual([relayS, tripped], [3, true]);
  const slow = reliefOf(0, {}, [at(110), at(110)])!;
  assert.deepEqual([slow.relayS, slow.tripped], [null, false]);
  assert.equal(reliefOf(0, {}, [at(0, true), at(0, true)]), undefined, 'the head had tripped before the spike');
});

test('a spike counts from when the head passes limit and pick-up, and not at all if it never does', () => {
  const at = (overKw: number, loadingPct = 110, tripped = false): Head => ({ overKw, loadingPct, tripped });
  const timesOf = (...heads: readonly Head[]): (number | null)[] => {
    const { limitS, pickUpS, beyondKw } = reliefOf(0, { [flex.id]: flex.floorKw! + 100 }, heads)!;
    return [limitS, pickUpS, beyondKw];
  };
  assert.deepEqual(timesOf(at(-10), at(-10), at(-10)), [0, 0, 0]);
  assert.deepEqual(timesOf(at(-10), at(50), at(60, 130), at(30), at(-10)), [3, 1, 0]);
  assert.deepEqual(timesOf(at(150), at(150), at(-10)), [2, 0, 50]);
  assert.deepEqual(timesOf(at(-10), at(50)), [null, 0, 0], 'the run ended above the limit');
  assert.deepEqual(timesOf(at(50, 130), at(0, 0, true)), [null, null, 0], 'the head tripped first');
  assert.deepEqual(timesOf(at(0, 0, false), at(0, 0, true)), [null, null, null], 'it tripped without a reading above');
});
