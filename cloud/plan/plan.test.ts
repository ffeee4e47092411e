import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Compile } from 'typebox/compile';
import { MAX_DOCUMENT_CHARS } from '../../shared/codec/signed-document.ts';
import type { Network } from '../../shared/grid/network.ts';
import { PlanBody, type Cost } from '../../shared/contracts/plan.ts';
import { HighsSolver } from './search/highs-solver.ts';
import { optimise } from './search/optimise.ts';
import { planContent } from './plan.ts';
import { levelsOf, valuesOf } from './problem/device-cost.ts';
import { spreadPct } from './problem/fairness.ts';
import { statedAnswer } from './reasons/stated-answer.ts';
import type { DispatchDevice } from './problem/problem.ts';
import { batteryAt, pvPlant, smallNetwork, smallProblem } from './testing/small-feeder.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const options = { substation: 'small', substitutions: ['no forecast'], bandKw: 20 };

function sunnyDay() {
  const devices: DispatchDevice[] = [
    {
      ...pvPlant('b5', [2600, 1000, 0], 400),
      availableHighKw: [3000, 1400, 0],
      availableLowKw: [900, 100, 0],
    } as DispatchDevice,
    pvPlant('b3', [800, 300, 0]),
    batteryAt('b4'),
  ];
  return optimise(smallProblem({ loadKw: [120, 200, 380], devices, spread: 0.2, importKw: 2400 }), solver);
}

test('a plan matches its contract and states binding limits, reasons and the outcome without them', () => {
  const content = planContent(sunnyDay(), options);
  const body = { id: 'pl-small-1', trigger: 'schedule', solveMs: 1, ...content };
  const check = Compile(PlanBody);
  assert.ok(check.Check(body), JSON.stringify([...check.Errors(body)][0]));
  assert.equal(content.status, 'optimal');
  const pv = content.devices[0]!;
  const reason = pv.reasons.find(({ constraint }) => constraint.startsWith('voltage maximum'));
  assert.ok(reason !== undefined && reason.element === 'b5' && reason.shadowPrice > 0);
  const { totalEurPerMwh, energyEurPerMwh, lossesEurPerMwh, congestionEurPerMwh, voltageEurPerMwh } = reason.price!;
  const sum = energyEurPerMwh + lossesEurPerMwh + congestionEurPerMwh + voltageEurPerMwh;
  assert.ok(Math.abs(sum - totalEurPerMwh) < 1e-9 && voltageEurPerMwh < 0, 'consumption relieves high voltage');
  assert.match(reason.counterfactual!, /^without this: b5 at 1\.0[5-9]\d* pu at 00:00Z$/);
  assert.ok(content.binding.some(({ element, step, unit }) => element === 'b5' && step === 0 && unit === 'pu'));
  assert.ok(content.doNothing!.maxVoltageViolationPu > 0 && content.verified.maxVoltageViolationPu < 1e-4);
});

const partsEur = ({ energyEur = 0, lossesEur, peakEur = 0, interventionEur }: Cost): number =>
  energyEur + lossesEur + peakEur + interventionEur;

test('the total is the sum of its cost parts, and with penalties below that of doing nothing', () => {
  const feasible = planContent(sunnyDay(), options).cost;
  assert.equal(feasible.violationEur, 0);
  assert.ok(feasible.doNothingViolationEur! > 0);
  const short = smallProblem({ loadKw: [1500, 300], devices: [batteryAt('b5')], peakEurPerKw: 0.02 });
  const prices = { ...short.prices, importEurPerMwh: [60, 60], exportEurPerMwh: [36, 36] };
  const broken = planContent(optimise({ ...short, prices }, solver), options);
  assert.equal(broken.status, 'least-violation');
  assert.ok(broken.cost.violationEur > 0 && broken.cost.violationEur < broken.cost.doNothingViolationEur!);
  for (const cost of [feasible, broken.cost]) {
    assert.ok(Math.abs(partsEur(cost) - cost.totalEur) < 1e-6 * Math.max(1, cost.totalEur));
    assert.ok(cost.totalEur + cost.violationEur < cost.doNothingEur + cost.doNothingViolationEur!);
  }
});

test('the penalties for a missing level of charge and for unfair curtailment are no part of the cost', () => {
  // The battery can charge 200 kWh and lacks 1,600; one of two plants must be curtailed, far beyond the fair spread.
  const empty = batteryAt('b2', { socStart: 0.1, socEndMin: 0.9, chargeKw: 100, wearEurPerKwh: 0 });
  const sunny = smallProblem({
    loadKw: [50, 50],
    devices: [empty, pvPlant('b5', [4000, 4000]), pvPlant('b2', [4000, 4000])],
  });
  const fairness = { maxSpreadPct: 5, excessEurPerPct: 2 };
  const optimised = optimise({ ...sunny, fairness }, solver);
  const { layout, best } = optimised;
  const { cost } = planContent(optimised, options);
  const missingMwh = (0.9 * 2000 - levelsOf(layout, 0, valuesOf(layout, best.x)[0]!).at(-1)!) / 1000;
  const penaltyEur = missingMwh * 150 + 2 * Math.max(0, spreadPct(layout, best.x) - 5);
  assert.ok(missingMwh > 1.3 && penaltyEur > 200);
  assert.ok(Math.abs(cost.penaltyEur! - penaltyEur) < 1e-6);
  const curtailedKwh = best.x.reduce((sum, mw, at) => {
    const { role, device } = layout.controls[at % layout.controls.length]!;
    return role === 'feed-in' && device > 0 ? sum + 4000 - 1000 * mw : sum;
  }, 0);
  assert.ok(Math.abs(cost.interventionEur - 0.09 * curtailedKwh) < 1e-6, 'curtailment alone is paid');
  assert.ok(Math.abs(partsEur(cost) - cost.totalEur) < 1e-6);
  assert.ok(Math.abs(cost.doNothingPenaltyEur! - 1.6 * 150) < 1e-6);
  const answer = statedAnswer(optimised, 0);
  assert.deepEqual([answer.costEur, answer.penaltyEur], [cost.totalEur, cost.penaltyEur]);
});

test('the weight of a broken limit is a penalty and never part of a price', () => {
  const { devices, binding } = planContent(
    optimise(smallProblem({ loadKw: [1500, 300], devices: [batteryAt('b5')] }), solver),
    options,
  );
  const [first, ...later] = devices[0]!.reasons;
  assert.match(first!.shadowPriceUnit, /^penalty\/\((kVA|kW|pu) h\)$/);
  assert.match(first!.text, /costs -?\d{1,3}\.\d\d EUR\/MWh, besides the penalty of a broken limit\.$/);
  assert.ok(Math.abs(first!.price!.penaltyPerMwh!) > 1000, 'it exceeds all costs in money');
  for (const { price } of devices[0]!.reasons) assert.ok(Math.abs(price!.totalEurPerMwh) < 1000);
  assert.ok(later.every(({ price }) => price!.penaltyPerMwh === undefined));
  assert.ok(binding.length > 0 && binding.every(({ step, penalty }) => step === 0 && penalty === true));
});

test('a plan that breaks a limit only at a forecast corner says that it holds at the median', () => {
  const importKw = 1000;
  const content = planContent(
    optimise(smallProblem({ loadKw: [240], devices: [], spread: 0.5, importKw }), solver),
    options,
  );
  assert.equal(content.status, 'holds-at-median');
  assert.match(content.room!.text, /transformer, imported power at 00:00Z/);
  assert.ok(content.cost.violationEur > 0);
});

test('a feed-in limit is a magnitude, and absent in steps without curtailment', () => {
  const [pv] = planContent(sunnyDay(), options).devices;
  assert.ok(pv!.activePowerLimitKw![0]! > 0);
  assert.equal(pv!.activePowerLimitKw![2], null);
});

test('the sensitivity map uses the load convention: consumption lowers voltage and adds to the head', () => {
  const { watched } = planContent(sunnyDay(), options);
  const voltage = watched.find(({ id }) => id === 'pv-b5-voltage')!;
  assert.ok(voltage.perKw['battery-b4']! < 0 && voltage.perKw['battery-b4']! > -1e-4);
  assert.ok(voltage.perKvar['pv-b5']! < 0);
  const head = watched.find(({ id }) => id === 'f-kva')!;
  assert.deepEqual([head.min, head.max], [0, 3000]);
});

test('a plan for more devices than its map can carry watches the terminals nearest to their limits', () => {
  const named = 'a-plant-with-the-longest-name-that-a-device-may-have-at-all';
  const devices = Array.from({ length: 240 }, (_, at) => ({
    ...pvPlant(at % 2 === 0 ? 'b2' : 'b5', [12], 4),
    id: `${named}-${at + 100}`,
  }));
  const content = planContent(optimise(smallProblem({ loadKw: [100], devices }), solver), options);
  const body = { id: 'pl-small-1', trigger: 'schedule', solveMs: 1, ...content };
  const check = Compile(PlanBody);
  assert.ok(check.Check(body), JSON.stringify([...check.Errors(body)][0]));
  const [head, ...terminals] = content.watched;
  assert.equal(head!.element, 'f');
  const far = new Set(devices.filter(({ bus }) => bus === 'b5').map(({ id }) => id));
  assert.ok(terminals.length > 10 && terminals.every(({ element }) => far.has(element)), String(terminals.length));
  assert.ok(JSON.stringify(body).length < MAX_DOCUMENT_CHARS / 2);
});

test('the guard gets the widest of the shares of the region over all steps', () => {
  const below = smallNetwork();
  const rated = { ratedKva: 3000, ratedFromKv: 12.66, ratedToKv: 12.66, rOhm: 0.1, xOhm: 1 };
  const network: Network = {
    ...below,
    buses: [{ id: 'b0', nominalKv: 12.66 }, ...below.buses],
    transformers: [{ id: 't1', from: 'b0', to: 'b1', ...rated }],
    sources: [{ id: 's', bus: 'b0', voltagePu: 1 }],
  };
  const problem = smallProblem({ loadKw: [120, 200, 380], devices: [batteryAt('b4')], network });
  const limits = { ...problem.limits, importKw: [700, 1200, 2000], exportKw: [900, 400, 300] };
  const { watched } = planContent(optimise({ ...problem, limits }, solver), options);
  const { min, max } = watched.find(({ id }) => id === 'transformer-kw')!;
  assert.deepEqual([min, max], [-900, 2000]);
});

test('expected heads lie within their band, which is wider than the forecast corners', () => {
  const { expected, assumptions } = planContent(sunnyDay(), options);
  const [head] = assumptions.heads;
  for (const [step, kw] of expected[0]!.activePowerKw.entries())
    assert.ok(head!.lowKw[step]! <= kw - 20 && head!.highKw[step]! >= kw + 20);
});

test('under a community tariff the battery shifts to cleaner hours, and the plan states the CO2 cost', () => {
  const eurPerKg = 0.1;
  const kgPerMwh = [100, 700];
  const flat = smallProblem({ loadKw: [300, 300], devices: [batteryAt('b4', { socStart: 0.3 })] });
  const priced = kgPerMwh.map((kg) => 60 + eurPerKg * kg);
  const prices = { ...flat.prices, lossesEurPerMwh: 0, importEurPerMwh: priced, exportEurPerMwh: priced };
  const optimised = optimise({ ...flat, prices: { ...prices, emissions: { kgPerMwh, eurPerKg } } }, solver);
  const { cost, devices } = planContent(optimised, options);
  const [clean, dirty] = devices[0]!.activePowerKw!;
  assert.ok(clean! > 100 && dirty! < -100, `${clean} then ${dirty} kW`);
  assert.ok(cost.emissionsEur! > 0);
  assert.ok(Math.abs(partsEur(cost) + cost.emissionsEur! - cost.totalEur) < 1e-6);
});
