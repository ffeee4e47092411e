import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentView } from '../../shared/contracts/incident.ts';
import type { Moment } from './moment.ts';
import { ReliefJudge } from './relief-judge.ts';

type Relief = IncidentView['reliefs'][number];

const SECONDS = 600;
const [FROM, TO] = [200, 400];
/** A plant that sun lets give 600 kW and the guard holds at 500 between the two, and a battery of 100 kW each way. */
const pv = { id: 'pv-1', contractEurPerKwh: 0.1 };
const battery = { id: 'bess-1', chargeKw: 100, dischargeKw: 100 };

function faultsOf(claim: Partial<Relief>, plannedKw: ReadonlyMap<string, number> = new Map()): string[] {
  const judge = new ReliefJudge();
  for (let atS = 0; atS < SECONDS; atS++) {
    const isHeld = atS >= FROM && atS <= TO;
    judge.second({
      atS,
      linked: true,
      plannedKw,
      injected: { cloudDown: false, starved: false, silent: [] },
      substation: { devices: [pv, battery] },
      truth: {
        feeders: [{ energised: true }],
        devices: [
          { id: pv.id, activePowerKw: isHeld ? -500 : -600, values: { availableKw: 600 } },
          { id: battery.id, activePowerKw: isHeld ? -100 : 100, values: { socPct: 50 } },
        ],
      },
    } as unknown as Moment);
  }
  const relief = { device: pv.id, since: FROM, until: TO, kw: 100, energyKwh: 5.55, costEur: 0.555, ...claim };
  return judge.faults({ id: 1, reliefs: [relief] }, (at) => at);
}

test('the plant confirms a relief by what the sun would have given', () => {
  assert.deepEqual(faultsOf({}), []);
});

test('a relief by the rating, one of half the power, free energy and a wrong price are false', () => {
  for (const [claim, what] of [
    [{ kw: 300 }, /pv-1 relieves by 300 kW, in truth 85\.00 to 115\.00$/],
    [{ kw: 50 }, /by 50 kW/],
    [{ energyKwh: 16 }, /by 16 kWh/],
    [{ energyKwh: 2 }, /by 2 kWh/],
    [{ costEur: 1.6 }, /by 1\.6 EUR/],
  ] as const) {
    const [fault, ...more] = faultsOf(claim);
    assert.match(fault ?? '', what);
    assert.deepEqual(more, []);
  }
});

test('a battery relieves by no more than its whole range', () => {
  const own = { device: battery.id, costEur: 0 };
  assert.deepEqual(faultsOf({ ...own, kw: 200, energyKwh: 11 }), []);
  assert.match(faultsOf({ ...own, kw: 300, energyKwh: 11 })[0] ?? '', /bess-1 relieves by 300 kW/);
  assert.match(faultsOf({ ...own, kw: 200, energyKwh: 30 })[0] ?? '', /by 30 kWh/);
});

test('what the plan takes from a device by itself may be missing in its relief, and nothing else', () => {
  const planned = new Map([[pv.id, -540]]);
  assert.deepEqual(faultsOf({ kw: 40, energyKwh: 2.2, costEur: 0.22 }, planned), []);
  assert.match(faultsOf({ kw: 20, energyKwh: 2.2, costEur: 0.22 }, planned)[0] ?? '', /by 20 kW/);
  assert.match(faultsOf({ kw: 40, energyKwh: 0.2, costEur: 0.02 }, planned)[0] ?? '', /by 0\.2 kWh/);
});
