import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { RegionDevice } from '../../shared/contracts/region.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { evDevice } from '../../cloud/plan/problem/ev-device.ts';
import { stepTimes } from '../../cloud/plan/problem/series.ts';
import { valuesOf } from '../../cloud/plan/problem/device-cost.ts';
import { HighsSolver } from '../../cloud/plan/search/highs-solver.ts';
import { optimise } from '../../cloud/plan/search/optimise.ts';
import { sessionFlow } from '../../cloud/plan/problem/session-flow.ts';
import { smallNetwork, smallProblem } from '../../cloud/plan/testing/small-feeder.ts';
import { arrivalsOn, localDay } from '../plant/ev-sessions.ts';
import { EvSite } from '../plant/ev-site.ts';
import type { EvSpec } from '../plant/spec.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const HOUR_MS = 3_600_000;
const spec: EvSpec = {
  id: 'ev-1',
  type: 'ev-site',
  bus: 'b3',
  feeder: 'f',
  revertAfterS: 3600,
  chargers: 20,
  chargerKw: 11,
  siteKw: 150,
  floorKwPerSession: 0,
  use: 'overnight',
  safeKw: 0,
};
const device: RegionDevice = {
  id: 'ev-1',
  type: 'ev-site',
  name: 'site',
  bus: 'b3',
  feeder: 'f',
  connectionPoint: 'cp',
  authority: 'limit',
  activePowerKw: spec.siteKw,
  floorKw: 0,
};
/** A Tuesday afternoon, before anyone arrives; all have left 18 h later. */
const START = Date.UTC(2021, 8, 28, 13);
const HOURS = 18;
const PLAN_S = 900;
const HORIZON = [...Array.from({ length: 8 }, () => PLAN_S), ...Array.from({ length: 16 }, () => 3600)];
/** Cheap in the morning from 05:30 local time, when some cars leave soon and others have time left. */
const CHEAP_FROM = START + 14.5 * HOUR_MS;
/** Mean price over a step. */
const priceIn = (time: number, seconds: number): number => {
  const share = Math.min(1, Math.max(0, (time + seconds * 1000 - CHEAP_FROM) / (seconds * 1000)));
  return 200 + share * (20 - 200);
};
const priceAt = (time: number): number => (time >= CHEAP_FROM ? 20 : 200);

interface Night {
  readonly missedKwh: number;
  readonly costEur: number;
}

/** One night of the plant's charging site, replanned every quarter of an hour or left uncontrolled. */
function night(seed: number, planned: boolean): Night {
  const site = new EvSite(spec, seed, START);
  const random = new SeededRandom(seed, 'night');
  let costEur = 0;
  const step = 60;
  for (let second = 0; second < HOURS * 3600; second += step) {
    const now = START + second * 1000;
    if (second % PLAN_S === 0)
      site.command({ activePowerLimitKw: planned ? limitFor(site, now) : spec.siteKw, revertAfterS: 3600 }, now);
    site.step({ timeMs: now + step * 1000, dtS: step, voltagePu: 1, sun: 0, random });
    costEur += (priceAt(now) * site.activePowerKw * step) / 3.6e6;
  }
  return { missedKwh: site.notServedKwh, costEur };
}

function limitFor(site: EvSite, now: number): number {
  const times = stepTimes(now, HORIZON);
  const planned = evDevice({
    device,
    now,
    start: now,
    stepsS: HORIZON,
    sessions: site.sessions(),
    wishedKw: undefined,
    dueKwh: undefined,
    deadline: undefined,
    unservedEurPerKwh: 1,
  });
  if (planned.sessions.length === 0) return spec.siteKw;
  const network = smallNetwork();
  const thick = { ...network, lines: network.lines.map((line) => ({ ...line, rOhm: 1e-6, xOhm: 1e-6 })) };
  const problem = smallProblem({ network: thick, loadKw: HORIZON.map(() => 0), devices: [planned] });
  const prices = {
    ...problem.prices,
    importEurPerMwh: times.map((time, step) => priceIn(time, HORIZON[step]!)),
    lossesEurPerMwh: 0,
  };
  const { layout, best } = optimise({ ...problem, horizon: { start: now, stepsS: HORIZON }, prices }, solver);
  return 1000 * valuesOf(layout, best.x)[0]![0]!.power;
}

/** Lowest possible cost of a night with perfect foresight: cars take all they can in the cheap hours. */
function leastEur(seed: number): number {
  const arrivals = arrivalsOn(spec, seed, localDay(START));
  const steps = ((START + HOURS * HOUR_MS - CHEAP_FROM) / HOUR_MS) * 60;
  const takers = arrivals.map(({ energyKwh, departureMs }) => ({
    energyKwh,
    lastStep: Math.floor((departureMs - CHEAP_FROM) / 60_000) - 1,
    maxKw: spec.chargerKw,
  }));
  const hours = new Float64Array(steps).fill(1 / 60);
  const { missingKwh } = sessionFlow(takers, { hours, kwh: hours.map((hour) => hour * spec.siteKw) });
  const allKwh = arrivals.reduce((sum, { energyKwh }) => sum + energyKwh, 0);
  return (200 * missingKwh + 20 * (allKwh - missingKwh)) / 1000;
}

test('cars leave with their energy, charged when prices are low and before they depart', () => {
  for (const seed of [1, 2]) {
    const free = night(seed, false);
    const planned = night(seed, true);
    assert.ok(free.missedKwh < 0.1, `uncontrolled, they miss ${free.missedKwh} kWh`);
    assert.ok(planned.missedKwh < 0.5, `planned, they miss ${planned.missedKwh.toFixed(2)} kWh`);
    const least = leastEur(seed);
    assert.ok(least > 20 && least < 0.9 * free.costEur, `${least} of ${free.costEur} EUR: the night is too easy`);
    // A car is charged before the quarter of an hour in which it leaves, so at most one quarter per car is charged at the high price.
    const cars = arrivalsOn(spec, seed, localDay(START)).length;
    const quarterEur = ((200 - 20) / 1000) * cars * spec.chargerKw * (PLAN_S / 3600);
    assert.ok(planned.costEur < least + quarterEur, `${planned.costEur.toFixed(1)} EUR, at best ${least.toFixed(1)}`);
  }
});
