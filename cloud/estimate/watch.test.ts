import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileEstimate } from './estimate.ts';
import type { MeterFinding } from './state.ts';
import { drawTruth } from './testing/substation.ts';
import { kinds, model, powers, right, spoilt, start, substation, watchHours, wrong } from './testing/watch-hours.ts';
import { exchanged, exchangesOf } from './topologies.ts';
import { startWatch, watch, type Watch } from './watch.ts';

test('a day of correct meters raises no finding', () => {
  assert.deepEqual(kinds(watchHours(24, right)), []);
});

test('a reversed head, a head at half scale and an offset terminal voltage are found within half a day', () => {
  for (const { readings, found } of wrong) assert.deepEqual(kinds(watchHours(12, readings)), [found]);
});

test('a repaired meter is cleared', () => {
  const bad = spoilt('pv-2', ['voltagePu'], (value) => value + 0.04);
  assert.equal(kinds(watchHours(6, bad)).length, 1);
  assert.deepEqual(kinds(watchHours(13, (seed, time) => (seed <= 6 ? bad : right)(seed, time))), []);
});

test('a closed tie unknown to the model is found within half a day, and the model adopts it', () => {
  const exchange = exchangesOf(model).find(({ open, close }) => open === 't-1-l7' && close === 't-1-l33')!;
  const actual = { ...substation, network: exchanged(model, exchange).grid.network };
  const state = watchHours(12, (seed, time) => drawTruth(actual, seed, time).readings);
  assert.deepEqual(
    state.findings.map(({ device, finding }) => [device, finding]),
    [['t-1-l33', 'wrong-switch']],
  );
  assert.equal(state.exchange?.close, 't-1-l33');
});

test('a switch finding is cleared once the switch is corrected, and the model follows; else it stays', () => {
  const exchange = exchangesOf(model).find(({ open, close }) => open === 't-1-l7' && close === 't-1-l33')!;
  const actual = { ...substation, network: exchanged(model, exchange).grid.network };
  const after = (hours: number, readingsOf: typeof right): Watch => {
    const finding: MeterFinding = { device: exchange.close, finding: 'wrong-switch', since: start, text: 'closed' };
    const evidence = new Map([[`${exchange.close}/switch`, 24]]);
    let state: Watch = { ...startWatch(start), exchange, findings: [finding], evidence };
    for (let hour = 1; hour <= hours; hour++) {
      const time = start + hour * 3_600_000;
      const own = state.exchange === undefined ? model : exchanged(model, state.exchange);
      state = watch(own, state, { time, readings: readingsOf(hour, time), known: [] });
    }
    return state;
  };
  const stays = after(5, (seed, time) => drawTruth(actual, seed, time).readings);
  assert.deepEqual([kinds(stays), stays.exchange], [[['t-1-l33', 'wrong-switch', undefined]], exchange]);
  assert.ok(stays.evidence.get('t-1-l33/switch')! > 20);
  const ends = after(9, right);
  assert.deepEqual([kinds(ends), ends.exchange], [[], undefined]);
});

test('every switch exchange leaves all buses energised in a tree', () => {
  const all = exchangesOf(model);
  assert.ok(all.length > 50);
  for (const exchange of all.filter((_, at) => at % 7 === 0))
    assert.deepEqual(exchanged(model, exchange).grid.deEnergised, []);
});

/** Hours with an active battery, its state of charge in whole percents. */
function cycling(read: (kw: number) => number): Watch {
  const battery = substation.devices.find(({ type }) => type === 'battery')!;
  const stored = { ...battery, capacityKwh: 2000, efficiency: 0.95 };
  const one = { ...substation, devices: substation.devices.map((each) => (each === battery ? stored : each)) };
  const own = compileEstimate(one);
  let state = startWatch(start);
  let socKwh = 1000;
  for (let minute = 1; minute <= 360; minute++) {
    const time = start + minute * 60_000;
    const kw = Math.floor(minute / 60) % 2 === 0 ? 400 : -400;
    socKwh += (kw > 0 ? kw * 0.95 : kw / 0.95) / 60;
    const reading = (value: number) => ({ value, quality: 'good' as const, origin: 'measured' as const, time });
    const says = { activePowerKw: reading(read(kw)), socPct: reading(Math.round(socKwh / 20)) };
    state = watch(own, state, { time, readings: new Map([[battery.id, says]]), known: [] });
  }
  return state;
}

test('a battery meter that contradicts its state of charge is named with both energies; a matching one is not', () => {
  assert.deepEqual(kinds(cycling((kw) => kw)), []);
  const half = cycling((kw) => kw / 2);
  assert.deepEqual(kinds(half), [['battery-1', 'gross-error', 'power']]);
  assert.match(half.findings[0]!.text, /^shows -?\d+ kWh, where its device took in -?\d+ kWh by its own account$/);
  assert.deepEqual(kinds(cycling((kw) => -kw)), [['battery-1', 'reversed', 'power']]);
});

test('an ambiguous tie is suspected after a day, and the model does not adopt it', () => {
  const exchange = exchangesOf(model).find(({ open, close }) => open === 't-2-l12' && close === 't-2-l36')!;
  const actual = { ...substation, network: exchanged(model, exchange).grid.network };
  const state = watchHours(24, (seed, time) => drawTruth(actual, seed, time).readings);
  assert.deepEqual(kinds(state), [['t-2-l36', 'wrong-switch', undefined]]);
  assert.equal(state.exchange, undefined);
  assert.match(state.suspected!.text, /worth a look; the estimate stays as it is$/);
});

test('a reversed head known before a restart is known from the first hour on, and cleared once repaired', () => {
  const known: MeterFinding = { device: 'feeder-2', finding: 'reversed', since: start, text: 'known' };
  const turned = spoilt('feeder-2', powers, (value) => -value);
  for (const hours of [1, 6])
    assert.deepEqual(kinds(watchHours(hours, turned, [known])), [['feeder-2', 'reversed', 'power']]);
  assert.deepEqual(kinds(watchHours(6, right, [known])), []);
});
