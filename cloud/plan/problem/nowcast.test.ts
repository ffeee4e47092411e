import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as holds, double, property } from 'fast-check';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import { correlationAt, narrowed, nowcast, uncontrolledNow } from './nowcast.ts';
import { usableValue } from './plan-devices.ts';

const flat = (mid: number, below: number, above: number, steps: number) => ({
  mid: Array.from({ length: steps }, () => mid),
  low: Array.from({ length: steps }, () => mid - below),
  high: Array.from({ length: steps }, () => mid + above),
});

test('a nowcast forecast is exceeded as rarely as stated, at each lead', () => {
  const random = new SeededRandom(7, 'nowcast');
  const steps = 12;
  const leadH = Array.from({ length: steps }, (_, step) => (step + 1) / 4);
  const sigma = 100;
  const stated = flat(1000, 1.645 * sigma, 1.645 * sigma, steps);
  const passed = leadH.map(() => 0);
  const days = 4000;
  for (let day = 0; day < days; day++) {
    const now = sigma * gaussian(random);
    const seen = { kw: 1000 + now + 20 * gaussian(random), errorKw: 20 };
    const moved = nowcast(stated, seen, leadH);
    for (const [step, lead] of leadH.entries()) {
      const correlation = correlationAt(lead);
      const truth = 1000 + now * correlation + sigma * Math.sqrt(1 - correlation * correlation) * gaussian(random);
      if (truth > moved.high[step]!) passed[step]!++;
    }
  }
  for (const [step, count] of passed.entries())
    assert.ok(Math.abs(count / days - 0.05) < 0.015, `step ${step}: passed in ${(100 * count) / days} %`);
});

test('the nowcast is never wider than the forecast, narrower at short leads, unchanged without readings', () => {
  holds(
    property(
      double({ min: 0, max: 1000, noNaN: true }),
      double({ min: 0, max: 1000, noNaN: true }),
      double({ min: 0, max: 500, noNaN: true }),
      (below, above, errorKw) => {
        const leadH = [0, 0.1, 0.5, 2, 12];
        const stated = flat(50, below, above, leadH.length);
        const { low, high } = narrowed(stated, errorKw, leadH);
        for (const step of leadH.keys()) {
          assert.ok(high[step]! <= stated.high[step]! + 1e-9 && low[step]! >= stated.low[step]! - 1e-9);
          assert.ok(high[step]! >= 50 && low[step]! <= 50);
        }
        assert.ok(high[0]! - 50 <= 1.645 * errorKw + 1e-9);
        const blind = narrowed(stated, Infinity, leadH);
        for (const step of leadH.keys()) {
          assert.ok(Math.abs(blind.low[step]! - stated.low[step]!) < 1e-9);
          assert.ok(Math.abs(blind.high[step]! - stated.high[step]!) < 1e-9);
        }
      },
    ),
  );
});

test('device power is removed from the metered load, and curtailed sun added back', () => {
  const devices = [
    { id: 'battery-1', type: 'battery' },
    { id: 'pv-1', type: 'pv-inverter' },
    { id: 'tap', type: 'tap-changer' },
  ] as const;
  const readings: Record<string, number> = {
    'battery-1 activePowerKw': -200,
    'pv-1 activePowerKw': -300,
    'pv-1 availableKw': 500,
  };
  const live = (device: string, metric: string): number | undefined => readings[`${device} ${metric}`];
  const estimate = {
    transformer: {
      activePowerKw: { value: 1000, error: 15, origin: 'measured' as const },
      reactivePowerKvar: { value: 0, error: 15, origin: 'measured' as const },
      loadingPct: 10,
      tapPosition: { value: 0, error: 0, origin: 'measured' as const },
    },
  };
  const substation = { devices: devices.map((device) => ({ ...device, bus: 'b', feeder: 'f' })) } as never;
  assert.deepEqual(uncontrolledNow(substation, estimate, live), { kw: 1000 + 200 + 300 - 500, errorKw: 15 });
  assert.equal(
    uncontrolledNow(substation, estimate, (device, metric) =>
      metric === 'availableKw' ? undefined : live(device, metric),
    ),
    undefined,
  );
});

test('a plan uses no stale or bad value, and values of a slow meter for longer', () => {
  const now = 3_600_000;
  const old = (ageMs: number) => ({ value: 7, quality: 'good', origin: 'measured', time: now - ageMs }) as const;
  assert.equal(usableValue(old(60_000), now, {}), 7);
  assert.equal(usableValue(old(1_500_000), now, {}), undefined);
  assert.equal(usableValue(old(1_500_000), now, { intervalS: 600 }), 7);
  assert.equal(usableValue(old(3_000_000), now, { intervalS: 600 }), undefined);
  assert.equal(usableValue({ ...old(0), quality: 'bad' }, now, {}), undefined);
  assert.equal(usableValue(undefined, now, {}), undefined);
});
