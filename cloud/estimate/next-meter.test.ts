import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegionSubstation } from '../../shared/contracts/region.ts';
import { compileEstimate, estimate, type Readings } from './estimate.ts';
import { expectedReadings } from './expected-readings.ts';
import type { EstimateState } from './state.ts';
import { estimateTasks, startMemory } from './tasks.ts';
import { randomSubstation } from './testing/random-substation.ts';
import { drawTruth, testSubstation } from './testing/substation.ts';

const time = Date.parse('2021-09-25T12:00:00Z');
const findings = [] as const;
const DRAWS = 30;

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

/** Over the feeders' buses and all draws: the errors that the estimates state, and their distances from the drawn truth. */
function errors(
  substation: RegionSubstation,
  each: (state: EstimateState) => void,
): { readonly stated: number; readonly real: number } {
  const model = compileEstimate(substation);
  const stated: number[] = [];
  const real: number[] = [];
  for (let seed = 1; seed <= DRAWS; seed++) {
    const { readings, vmPu } = drawTruth(substation, seed, time);
    const state = estimate(model, { time, readings, findings }, { nextMeters: seed <= 10 });
    each(state);
    for (const [bus, { voltagePu }] of state.buses.entries()) {
      if (model.feederOfBus[bus]! < 0) continue;
      stated.push(voltagePu.error);
      real.push(voltagePu.value - vmPu[bus]!);
    }
  }
  return { stated: rms(stated), real: rms(real) };
}

test('a voltage meter at the best bus lowers the error that the estimate states as predicted, within 10 %', () => {
  const substation = testSubstation();
  const found: (readonly { readonly bus: string; readonly reductionPct: number }[])[] = [];
  const before = errors(substation, ({ nextMeters }) => {
    if (nextMeters !== undefined) found.push(nextMeters);
  });
  assert.equal(found.length, 10);
  const { bus } = found[0]![0]!;
  const predicted = rms(found.map((places) => (places.find((each) => each.bus === bus) ?? places[2]!).reductionPct));
  const meter = { device: 'new', kind: 'station', element: bus, errorPct: 0.25, intervalS: 1 } as const;
  const after = errors({ ...substation, meters: [...substation.meters, meter] }, ({ nextMeters, buses }) => {
    assert.ok(nextMeters?.every((each) => each.bus !== bus) ?? true, `${bus} has a meter now`);
    assert.equal(buses.find(({ id }) => id === bus)!.voltagePu.origin, 'measured');
  });
  // The distances of 30 draws scatter themselves, and the drawn loads are not quite those that the estimate assumes.
  for (const [kind, share] of [
    ['stated', 0.1],
    ['real', 0.2],
  ] as const) {
    const lower = 100 * (1 - after[kind] / before[kind]);
    assert.ok(
      Math.abs(predicted - lower) < share * lower,
      `${bus}: predicted ${predicted.toFixed(1)} % less, ${kind} ${lower.toFixed(1)} % less`,
    );
  }
});

test('no place is named twice, none that has a meter, and no other bus is better', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const substation = randomSubstation(seed, { errorPct: 0.25, stations: 0.2 });
    const readings = expectedReadings(substation, time);
    const { nextMeters } = estimate(compileEstimate(substation), { time, readings, findings }, { nextMeters: true });
    const metered = substation.meters.map(({ element }) => element);
    const places = nextMeters!.map(({ bus }) => bus);
    const open = substation.network.buses
      .map(({ id }) => id)
      .filter((id) => id.startsWith('f') && !metered.includes(id));
    assert.equal(places.length, Math.min(3, open.length));
    assert.ok(new Set(places).size === places.length && places.every((bus) => open.includes(bus)));
    const errorWith = (element: string): number => {
      const meter = { device: 'new', kind: 'station', element, errorPct: 0.25, intervalS: 60 } as const;
      const more = { ...substation, meters: [...substation.meters, meter] };
      const withOne = new Map(expectedReadings(more, time));
      withOne.set('new', { voltagePu: withOne.get('new')!.voltagePu! });
      const model = compileEstimate(more);
      const { buses } = estimate(model, { time, readings: withOne, findings });
      return rms(buses.flatMap(({ voltagePu }, at) => (model.feederOfBus[at]! < 0 ? [] : [voltagePu.error])));
    };
    const after = open.map((bus) => ({ bus, error: errorWith(bus) })).sort((x, y) => x.error - y.error);
    const [best] = nextMeters!;
    assert.ok(Math.abs(best!.errorPu / after[0]!.error - 1) < 0.05, `${best!.errorPu}, ${after[0]!.error} after`);
    assert.ok(after.slice(0, 2).some(({ bus }) => bus === best!.bus));
  }
});

test('the places are found once an hour, and stand with every estimate', () => {
  const substation = randomSubstation(3, { errorPct: 0.25, stations: 0 });
  const tasks = estimateTasks([substation]);
  let memory = startMemory(substation, [], time);
  const at = (minutes: number): EstimateState['nextMeters'] => {
    const now = time + minutes * 60_000;
    const readings: Readings = expectedReadings(substation, now);
    const answer = tasks.estimate({ substation: substation.id, memory, time: now, speed: 1, readings });
    ({ memory } = answer);
    return answer.state.nextMeters;
  };
  const first = at(0);
  assert.equal(first?.length, 3);
  assert.equal(at(59), first);
  assert.notEqual(at(60), first);
  const input = { substation: substation.id, time, speed: 1, findings, exchange: undefined };
  assert.equal(tasks.replay({ ...input, readings: expectedReadings(substation, time) }).nextMeters, undefined);
});
