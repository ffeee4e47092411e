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

test('voltages at unmeasured buses are within 0.3 % rms, with honest errors', () => {
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

test('the model reproduces the meters: heads, transformer, busbar voltage, stations', () => {
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

test('a reversed meter is negated and marked, and the state stays the same', () => {
  const model = compileEstimate(substation);
  const truth = drawTruth(substation, 3, time);
  const right = estimate(model, { time, readings: truth.readings, findings: [] });
  for (const metric of ['activePowerKw', 'reactivePowerKvar']) {
    const meter = truth.readings.get('transformer')!;
    meter[metric] = { ...meter[metric]!, value: -meter[metric]!.value };
  }
  const state = estimate(model, { time, readings: truth.readings, findings: [finding('reversed')] });
  assert.ok(Math.abs(state.transformer.activePowerKw.value - right.transformer.activePowerKw.value) < 1);
  assert.equal(state.transformer.activePowerKw.origin, 'substituted');
  assert.equal(state.provenance.find(({ element }) => element === 'transformer')!.source, 'reversed-meter');
});

test('the heads replace a dead transformer meter with a large error, which past data narrows', () => {
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

test('missing readings of a head, device or voltage are never a certain zero', () => {
  const model = compileEstimate(substation);
  const truth = drawTruth(substation, 5, time);
  const full = estimate(model, { time, readings: truth.readings, findings: [] });
  for (const [device, source, branch] of [
    ['feeder-1', 'profile', 't-1-l1'],
    ['battery-1', 'model', 't-1-l15'],
    ['pv-2', 'model', 't-1-l21'],
  ] as const) {
    const readings = new Map(truth.readings);
    readings.delete(device);
    const state = estimate(model, { time, readings, findings: [] });
    assert.equal(state.converged, true);
    assert.equal(state.provenance.find(({ element }) => element === device)!.source, source);
    const error = (of: typeof state): number => of.branches.find(({ id }) => id === branch)!.activePowerKw.error;
    assert.ok(error(state) > 2 * error(full), device);
  }
  const state = estimate(model, { time, readings: new Map(), findings: [] });
  assert.equal(state.converged, true);
  assert.ok(state.provenance.every(({ source }) => source !== 'meter' && source !== 'device'));
});

test('an inverter without readings feeds in nothing at night', () => {
  const model = compileEstimate(substation);
  const at = (hour: number) => {
    const state = estimate(model, { time: Date.UTC(2021, 5, 21, hour), readings: new Map(), findings: [] });
    return state.provenance.find(({ element }) => element === 'pv-2')!.text;
  };
  assert.equal(at(0), 'never read: the middle of 0 to 0 kW');
  assert.match(at(12), /the middle of -\d{3,} to 0 kW/);
});

test('an old head reading is used with a growing error', () => {
  const model = compileEstimate(substation);
  const truth = drawTruth(substation, 6, time);
  const errorAfter = (ms: number): number =>
    estimate(model, { time: time + ms, readings: truth.readings, findings: [] }).branches.find(
      ({ id }) => id === 't-1-l1',
    )!.activePowerKw.error;
  assert.ok(errorAfter(0) < errorAfter(600_000) && errorAfter(600_000) < errorAfter(3_600_000));
});

test('switches move buses between heads', () => {
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

test('a gross error in a station voltage is named, and the state is as if it were absent', () => {
  const model = compileEstimate(substation);
  for (const off of [-0.05, 0.05]) {
    const truth = drawTruth(substation, 9, time);
    const readings = new Map(truth.readings);
    readings.delete('station-2-b18');
    const without = estimate(model, { time, readings, findings: [] });
    const { voltagePu } = truth.readings.get('station-2-b18')!;
    readings.set('station-2-b18', { voltagePu: { ...voltagePu!, value: voltagePu!.value + off } });
    const state = estimate(model, { time, readings, findings: [] });
    assert.deepEqual(
      state.findings.map(({ device, finding: kind }) => [device, kind]),
      [['station-2-b18', 'gross-error']],
    );
    for (const [at, bus] of state.buses.entries())
      assert.ok(Math.abs(bus.voltagePu.value - without.buses[at]!.voltagePu.value) < 1e-9);
    assert.equal(state.buses.find(({ id }) => id === 't-2-b18')!.voltagePu.origin, 'estimated');
  }
});

test('correct meters are seldom accused', () => {
  const model = compileEstimate(substation);
  const findings = Array.from({ length: 100 }, (_, seed) => {
    const truth = drawTruth(substation, 100 + seed, time);
    return estimate(model, { time, readings: truth.readings, findings: [] }).findings;
  }).flat();
  assert.deepEqual(findings, []);
});

test('readings that fit no power flow give an unknown state with the reason', () => {
  const model = compileEstimate(substation);
  const { readings } = drawTruth(substation, 10, time);
  const head = readings.get('feeder-1')!;
  readings.set('feeder-1', { ...head, activePowerKw: { ...head['activePowerKw']!, value: 500_000 } });
  const state = estimate(model, { time, readings, findings: [] });
  assert.equal(state.converged, false);
  assert.deepEqual(state.buses, []);
  assert.equal(state.provenance.at(-1)!.quality, 'bad');
  const after = estimate(model, { time, readings: drawTruth(substation, 10, time).readings, findings: [] });
  assert.equal(after.converged, true);
});
