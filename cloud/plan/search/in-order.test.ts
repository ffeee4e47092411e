import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadSolver } from '../compose-solver.ts';
import { textOf } from '../../../shared/sentences/said.ts';
import { reasonsOf } from '../reasons/reasons.ts';
import type { LpSolver } from '../problem/lp.ts';
import { RUNNING } from '../planner.ts';
import type { DispatchProblem, PvDevice } from '../problem/problem.ts';
import { feasibleProblem, type FeasibleSize } from '../testing/feasible-problem.ts';
import { batteryAt, pvPlant, smallProblem } from '../testing/small-feeder.ts';
import { decisionsOf } from './decisions.ts';
import { evaluate, newBench, stepWorth, violationEur, violationsEur } from './evaluate.ts';
import { optimise } from './optimise.ts';
import { planContent } from '../plan.ts';
import { createWorkspace } from '../../../shared/grid/radial.ts';
import type { Optimised } from './optimised.ts';

let solver: LpSolver;
before(async () => {
  solver = await loadSolver();
});

const plant = (bus: string, connectedOn: string | undefined, availableKw: readonly number[]): PvDevice => ({
  ...(pvPlant(bus, availableKw) as PvDevice),
  id: `pv-${bus}-${connectedOn ?? 'undated'}`,
  connectedOn,
});

/** What each plant feeds in, kW: [plant][step]. */
const feedInKw = ({ layout, best }: Optimised): number[][] =>
  [...layout.controls.entries()]
    .filter(([, { role }]) => role === 'feed-in')
    .map(([index]) =>
      Array.from({ length: layout.steps }, (_, step) => 1000 * best.x[step * layout.controls.length + index]!),
    );

/** Dates the plants of a feasible problem, in an order that has nothing to do with their places; some share a date. */
const dated = (problem: DispatchProblem, seed: number): DispatchProblem => {
  const plants = problem.devices.filter(({ kind }) => kind === 'pv').length;
  return {
    ...problem,
    devices: problem.devices.map((device, at) =>
      device.kind === 'pv'
        ? {
            ...device,
            curtailmentEurPerKwh: 0.09,
            connectedOn: `20${10 + (((at + 1) * (2 * seed + 3)) % (plants - 1))}-01-01`,
          }
        : device,
    ),
  };
};

/** The dates of which a plant is cut although newer ones, cut instead, would have spared it something. */
function passedOver({ layout, best, prices }: Optimised): string[] {
  const wrong: string[] = [];
  const { controls, upper, problem } = layout;
  const spare = layout.scenarios.map(() => createWorkspace(layout.grid));
  for (let step = 0; step < layout.steps; step++)
    for (const [index, control] of controls.entries()) {
      const at = step * controls.length + index;
      const own = problem.devices[control.device]! as PvDevice;
      if (control.role !== 'feed-in' || upper[at]! - best.x[at]! < 0.01 * upper[at]!) continue;
      const x = best.x.slice();
      let newer = 0;
      for (const [other, { device, role }] of controls.entries()) {
        const item = problem.devices[device]!;
        if (role !== 'feed-in' || item.kind !== 'pv' || item.connectedOn! < own.connectedOn!) continue;
        const to = step * controls.length + other;
        if (item.connectedOn === own.connectedOn) {
          x[to]! += 0.005 * upper[to]!;
          continue;
        }
        newer += x[to]!;
        x[to] = 0;
      }
      if (newer > 0 && stepWorth(layout, x, step, { prices, spare }).violationEur === 0)
        wrong.push(`${own.connectedOn} in step ${step}`);
    }
  return wrong;
}

const size = (seed: number): FeasibleSize => ({
  buses: 40,
  pv: 6 + 2 * (seed % 3),
  batteries: 2,
  steps: 4,
  seed,
  known: seed % 2 === 0 ? 'zero' : 'drawn',
  pvKw: 1500,
});

test('property: no plant is cut where a cut of newer ones could spare it, and all limits are kept', () => {
  let cut = 0;
  for (let seed = 1; seed <= 6; seed++) {
    // As running clouds plan, and as they plan large networks.
    const options = [{}, RUNNING, { ...RUNNING, large: 0 }][seed % 3];
    const found = optimise({ ...dated(feasibleProblem(size(seed)), seed), options }, solver);
    const checked = evaluate(found.layout, found.best.x, newBench(found.layout));
    assert.equal(violationEur(found.layout, checked, found.prices), 0, `seed ${seed}`);
    assert.deepEqual(passedOver(found), [], `seed ${seed}`);
    const { layout, best } = found;
    cut += layout.controls.filter(
      ({ role }, index) =>
        role === 'feed-in' &&
        layout.hours.some((_, step) => {
          const at = step * layout.controls.length + index;
          return best.x[at]! < 0.99 * layout.upper[at]!;
        }),
    ).length;
  }
  assert.ok(cut > 12, `only ${cut} plants are cut at all`);
});

test('the newest plant is cut wholly before an older one is touched, wherever it stands', () => {
  const sunny = (...dates: (string | undefined)[]): number[] =>
    feedInKw(
      optimise(
        smallProblem({
          loadKw: [50],
          devices: ['b2', 'b4', 'b5'].map((bus, at) => plant(bus, dates[at], [1400])),
        }),
        solver,
      ),
    ).map(([kw]) => Math.round(kw!));
  const cost = sunny(undefined, undefined, undefined);
  assert.ok(cost.filter((kw) => kw > 1 && kw < 1390).length > 1, `cost alone cuts several in part: ${cost.join(' ')}`);
  const [near, middle, far] = sunny('2024-05-01', '2019-03-02', '2011-11-30');
  assert.ok(middle! > 1 && middle! < 1400 && far === 1400 && near === 0, `${near} ${middle} ${far}`);
  const [oldest, between, newest] = sunny('2011-11-30', '2019-03-02', '2024-05-01');
  assert.ok(oldest === 1400 && between === 1400 && newest! < 1000, `${oldest} ${between} ${newest}`);
});

test('plants of one date are cut alike, and a plant that a person holds stays where it is', () => {
  const devices = [
    plant('b3', '2020-01-01', [2000]),
    plant('b5', '2020-01-01', [1000]),
    plant('b4', '2010-01-01', [800]),
  ];
  const [one, other, older] = feedInKw(optimise(smallProblem({ loadKw: [50], devices }), solver)).map(([kw]) => kw!);
  assert.ok(
    one! < 1900 && Math.abs(one! - 2 * other!) < 0.1 && Math.abs(older! - 800) < 1e-6,
    `${one} ${other} ${older}`,
  );
  const held = devices.map((device, at) => (at === 0 ? { ...device, heldKw: [-1900] } : device));
  const [kept, cut] = feedInKw(optimise(smallProblem({ loadKw: [50], devices: held }), solver)).map(([kw]) => kw!);
  assert.ok(Math.abs(kept! - 1900) < 1e-6 && cut! < other!, `${kept} ${cut}`);
});

test('a battery stores what the order leaves: the rest is searched again around it', () => {
  const devices = [
    plant('b5', '2011-01-01', [1500, 0]),
    plant('b2', '2024-01-01', [3000, 0]),
    batteryAt('b5', { socStart: 0.3 }),
  ];
  const found = optimise(smallProblem({ loadKw: [50, 400], devices }), solver);
  const [old, young] = feedInKw(found).map(([kw]) => kw!);
  assert.ok(Math.abs(old! - 1500) < 1e-6, `${old} kW of the older one`);
  assert.ok(young! > 0, `${young} kW of the newer one`);
  assert.equal(violationEur(found.layout, found.best, found.prices), 0);
});

test('where feeding in costs more than it earns, the newest still yield first', () => {
  const devices = [plant('b3', '2011-01-01', [300]), plant('b5', '2024-01-01', [300])].map((one) => ({
    ...one,
    curtailmentEurPerKwh: 0,
  }));
  const problem = smallProblem({ loadKw: [100], devices });
  const prices = { ...problem.prices, importEurPerMwh: [50], exportEurPerMwh: [-50] };
  const [old, young] = feedInKw(optimise({ ...problem, prices }, solver)).map(([kw]) => kw!);
  assert.ok(Math.abs(old! - 300) < 3 && Math.abs(young! - 100) < 10, `${old} ${young}`);
});

test('the reason of a cut names the date that decides', () => {
  const devices = [plant('b3', '2011-01-01', [2000]), plant('b5', '2024-10-31', [2000])];
  const found = optimise(smallProblem({ loadKw: [50], devices }), solver);
  assert.match(
    textOf(reasonsOf(found, 1)[0]!.text),
    /binds, and this relieves it; the connection of 2024-10-31 is cut before older ones\./,
  );
  assert.deepEqual(reasonsOf(found, 0), []);
});

test('with corners of the forecast the limits follow the order, and a plan in force does not change it', () => {
  const dates = ['2019-03-02', '2024-10-31', '2011-11-30', '2015-06-01'];
  const devices = dates.map((date, at) => ({
    ...plant(`b${at + 2}`, date, [1000, 700, 300]),
    maxReactiveKvar: 200,
    apparentPowerKva: 1500,
    availableHighKw: [1300, 1000, 500],
    availableLowKw: [400, 200, 100],
  }));
  const problem = smallProblem({ loadKw: [60, 60, 400], devices, spread: 0.3 });
  const fair = optimise({ ...problem, devices: devices.map((one) => ({ ...one, connectedOn: undefined })) }, solver);
  for (const earlier of [undefined, decisionsOf(fair.layout, fair.best.x)]) {
    const { layout, best, prices } = optimise(problem, solver, earlier);
    assert.equal(violationEur(layout, best, prices), 0);
    const shares = (step: number): number[] =>
      [2, 3, 0, 1].map((device) => {
        const index = layout.controls.findIndex((one) => one.device === device && one.role === 'limit');
        const at = step * layout.controls.length + index;
        return best.x[at]! / layout.upper[at]!;
      });
    let cut = 0;
    for (const step of [0, 1, 2])
      for (const [place, share] of shares(step).entries()) {
        if (share > 0.999) continue;
        cut++;
        assert.deepEqual(
          shares(step).slice(place + 1),
          shares(step)
            .slice(place + 1)
            .map(() => 0),
          `step ${step}: ${shares(step).join(' ')}`,
        );
      }
    assert.ok(cut > 2, `${cut} cuts`);
  }
});

test('where limits are broken anyway, the order breaks none further in any step', () => {
  let [broken, ordered] = [0, 0];
  for (let seed = 1; seed <= 4; seed++) {
    const problem = dated(
      feasibleProblem({ buses: 40, pv: 10, batteries: 2, steps: 4, seed, known: 'drawn', pvKw: 900 }),
      seed,
    );
    // In half of the steps the loads feed in more than any curtailment could make up for.
    const { activePowerKw, reactivePowerKvar } = problem.loads.mid;
    const perStep = activePowerKw.length / 4;
    const kw = activePowerKw.map((each, at) => (Math.floor(at / perStep) % 2 === 0 ? each : -1.5 * each - 20));
    const hard = { ...problem, loads: { mid: { activePowerKw: kw, reactivePowerKvar } } };
    const undated = hard.devices.map((one) => (one.kind === 'pv' ? { ...one, connectedOn: undefined } : one));
    const free = optimise({ ...hard, devices: undated }, solver);
    const found = optimise(hard, solver);
    const [asFree, asFound] = [free, found].map(({ layout, best, prices }) => violationsEur(layout, best, prices)) as [
      number[],
      number[],
    ];
    if (asFree.some((eur) => eur > 0)) broken++;
    if (found.isInOrder === true) ordered++;
    for (const [step, eur] of asFound.entries())
      assert.ok(
        eur <= 1.02 * asFree[step]! + 0.01,
        `seed ${seed}, step ${step}: ${eur} EUR, ${asFree[step]} without dates`,
      );
  }
  assert.ok(broken > 1, `${broken} problems break limits, ${ordered} in order`);
});

test('a plan says whether it is in order, and no reason names a date that decides nothing', () => {
  const devices = [plant('b3', '2011-01-01', [2000]), plant('b5', '2024-10-31', [2000])];
  const found = optimise(smallProblem({ loadKw: [50], devices }), solver);
  const options = { substation: 'small', substitutions: [], bandKw: 100 };
  const saysOf = (isInOrder: boolean): string => {
    const { sentences, assumptions } = planContent({ ...found, isInOrder }, options);
    return JSON.stringify([sentences, assumptions]);
  };
  assert.equal(found.isInOrder, true);
  assert.match(saysOf(true), /cut last in, first out/);
  assert.match(saysOf(false), /limits leave no order of connection agreements/);
  assert.doesNotMatch(saysOf(false), /the connection of|last in, first out/);
  const alone = optimise(smallProblem({ loadKw: [50], devices: [plant('b5', '2024-10-31', [5000])] }), solver);
  assert.doesNotMatch(textOf(reasonsOf(alone, 0)[0]!.text), /cut before older/);
});
