import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileEstimate, estimate } from './estimate.ts';
import type { MeterFinding } from './state.ts';
import { drawTruth, testSubstation } from './testing/substation.ts';

const time = Date.parse('2021-09-25T12:00:00Z');
const substation = testSubstation();
const finding = (kind: MeterFinding['finding'], device = 'transformer'): MeterFinding => ({
  device,
  finding: kind,
  since: time,
  text: kind,
});

test('voltages at unmeasured buses come within 0.3 % rms, and their errors are honest', () => {
  const model = compileEstimate(substation);
  let squares = 0;
  let within = 0;
  let count = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const truth = drawTruth(substation, seed, time);
    const state = estimate(model, { time, readings: truth.readings, findings: [] });
    assert.equal(state.converged, true);
    for (const [at, bus] of state.buses.entries()) {
      if (bus.voltagePu.origin !== 'estimated' || bus.id === 't-hv') continue;
      const off = bus.voltagePu.value - truth.vmPu[at]!;
      squares += (off / truth.vmPu[at]!) ** 2;
      within += Math.abs(off) <= 1.96 * bus.voltagePu.error ? 1 : 0;
      count++;
    }
  }
  const rms = 100 * Math.sqrt(squares / count);
  const coverage = within / count;
  assert.ok(rms < 0.3, `rms ${rms} %`);
  assert.ok(coverage > 0.92, `coverage ${coverage}`);
});

test('the model shows what the meters show: heads, transformer, busbar voltage, stations', () => {
  const model = compileEstimate(substation);
  const truth = drawTruth(substation, 7, time);
  const state = estimate(model, { time, readings: truth.readings, findings: [] });
  const branch = (id: string): number => state.branches.find((each) => each.id === id)!.activePowerKw.value;
  for (const feeder of [1, 2]) {
    const shown = truth.readings.get(`feeder-${feeder}`)!['activePowerKw']!.value;
    assert.ok(Math.abs(branch(`t-${feeder}-l1`) - shown) < 0.1);
  }
  assert.ok(
    Math.abs(state.transformer.activePowerKw.value - truth.readings.get('transformer')!['activePowerKw']!.value) < 0.1,
  );
  assert.ok(Math.abs(state.busbarRestKw.value - truth.restKw) < 4 * state.busbarRestKw.error);
  assert.equal(state.branches.find(({ id }) => id === 't-1-l1')!.activePowerKw.origin, 'measured');
  assert.equal(state.branches.find(({ id }) => id === 't-1-l2')!.activePowerKw.origin, 'estimated');
  const origin = (id: string): string => state.buses.find((bus) => bus.id === id)!.voltagePu.origin;
  assert.deepEqual(['t-bb', 't-2-b18', 't-1-b18', 't-2-b10'].map(origin), [
    'measured',
    'measured',
    'measured',
    'estimated',
  ]);
});

test('a reversed meter is turned and marked; the state is the same', () => {
  const model = compileEstimate(substation);
  const truth = drawTruth(substation, 3, time);
  const right = estimate(model, { time, readings: truth.readings, findings: [] });
  for (const metric of ['activePowerKw', 'reactivePowerKvar']) {
    const meter = truth.readings.get('transformer')!;
    meter[metric] = { ...meter[metric]!, value: -meter[metric]!.value };
  }
  const state = estimate(model, { time, readings: truth.readings, findings: [finding('reversed')] });
  assert.ok(Math.abs(state.transformer.activePowerKw.value - right.transformer.activePowerKw.value) < 1e-3);
  assert.equal(state.transformer.activePowerKw.origin, 'substituted');
  assert.equal(state.provenance.find(({ element }) => element === 'transformer')!.source, 'reversed-meter');
});

test('a dead transformer meter: the heads stand in, the error says how little is known, and habit narrows it', () => {
  const model = compileEstimate(substation);
  const truth = drawTruth(substation, 4, time);
  const meter = truth.readings.get('transformer')!;
  for (const metric of ['activePowerKw', 'reactivePowerKvar']) meter[metric] = { ...meter[metric]!, value: 0 };
  const findings = [finding('dead')];
  const state = estimate(model, { time, readings: truth.readings, findings });
  const { value, error, origin } = state.transformer.activePowerKw;
  assert.equal(origin, 'substituted');
  assert.ok(Math.abs(value - truth.headsKw[0]! - truth.headsKw[1]!) < 20);
  assert.ok(error > 2000 && Math.abs(value - truth.transformerKw) < 2 * error);
  const rest = { value: truth.restKw + 100, error: 200 };
  const better = estimate(model, { time, readings: truth.readings, findings, busbarRestKw: rest });
  assert.ok(Math.abs(better.transformer.activePowerKw.value - truth.transformerKw) < 130);
  assert.ok(better.transformer.activePowerKw.error < 250);
});

test('what is missing is never zero without its error: a lost head, a lost device, a lost voltage', () => {
  const model = compileEstimate(substation);
  const truth = drawTruth(substation, 5, time);
  const full = estimate(model, { time, readings: truth.readings, findings: [] });
  for (const [device, source] of [
    ['feeder-1', 'profile'],
    ['battery-1', 'model'],
    ['pv-2', 'model'],
  ] as const) {
    const readings = new Map(truth.readings);
    readings.delete(device);
    const state = estimate(model, { time, readings, findings: [] });
    assert.equal(state.converged, true);
    assert.equal(state.provenance.find(({ element }) => element === device)!.source, source);
    const error = (of: typeof state): number => of.buses.find(({ id }) => id === 't-1-b31')!.voltagePu.error;
    assert.ok(device === 'feeder-1' ? error(state) > 1.3 * error(full) : error(state) >= error(full) * 0.999);
  }
  const state = estimate(model, { time, readings: new Map(), findings: [] });
  assert.equal(state.converged, true);
  assert.ok(state.provenance.every(({ source }) => source !== 'meter' && source !== 'device'));
});

test('an old head reading stands with an error that grows', () => {
  const model = compileEstimate(substation);
  const truth = drawTruth(substation, 6, time);
  const errorAfter = (ms: number): number =>
    estimate(model, { time: time + ms, readings: truth.readings, findings: [] }).branches.find(
      ({ id }) => id === 't-1-l1',
    )!.activePowerKw.error;
  assert.ok(errorAfter(0) < errorAfter(600_000) && errorAfter(600_000) < errorAfter(3_600_000));
});

test('switches move buses from one head to the other', () => {
  const closed = new Map([
    ['t-1-l17', false],
    ['t-1-l36', true],
  ]);
  const model = compileEstimate(substation, { version: 9, closed });
  assert.equal(model.topologyVersion, 9);
  const state = estimate(model, { time, readings: drawTruth(substation, 8, time).readings, findings: [] });
  assert.equal(state.branches.find(({ id }) => id === 't-1-l17')!.closed, false);
  assert.equal(state.branches.find(({ id }) => id === 't-1-l17')!.activePowerKw.value, 0);
  assert.throws(() => compileEstimate(substation, { version: 10, closed: new Map([['t-1-l33', true]]) }), {
    code: 'LS-GRID-001',
  });
});
