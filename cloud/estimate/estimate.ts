import { sayEstimate } from '../../shared/sentences/estimate-forms.ts';
import { fit, type Fit } from './fit.ts';
import { chooseInputs, type EstimateInput, type EstimateInputs } from './inputs.ts';
import { measurementsOf } from './measurements.ts';
import type { EstimateModel } from './model.ts';
import { nextMeters } from './next-meter.ts';
import { feederOf, grossFinding, misfits, withoutGross, type Gross } from './residuals.ts';
import { voltageOutput } from './rows.ts';
import type { EstimatedBranch, EstimatedBus, EstimatedValue, EstimateState, InputProvenance } from './state.ts';
import { unknownsOf } from './unknowns.ts';

export { compileEstimate, type EstimateModel } from './model.ts';
export type { EstimateInput } from './inputs.ts';
export type { Readings } from './readings.ts';

export interface Asked {
  /** Also find where a further meter would help most; this costs about as much as the estimate. */
  readonly nextMeters?: boolean;
}

/**
 * Estimates the state of a substation from its newest readings: chooses or substitutes the inputs, then fits them by weighted least squares
 * together with prior expectations, with an error per bus. Gross errors are left out and named.
 */
export function estimate(model: EstimateModel, input: EstimateInput, asked: Asked = {}): EstimateState {
  const inputs = chooseInputs(model, input);
  const unknowns = unknownsOf(model, input, inputs);
  const options = { tapPosition: inputs.tap.value };
  const all = measurementsOf(model, input, inputs);
  const first = fit(model, { unknowns, measurements: all }, { ...options, spread: JUDGING_SPREAD });
  const { accepted, out } = first.converged ? withoutGross(first) : { accepted: all, out: [] };
  const best = fit(model, { unknowns, measurements: accepted }, options);
  const parts: Parts = { inputs, best };
  if (!best.converged) return unsolved(model, input, parts);
  const blamed = misfits(model, all, out);
  return {
    substation: model.substation.id,
    time: input.time,
    topologyVersion: model.topologyVersion,
    converged: true,
    ...(asked.nextMeters === true ? { nextMeters: nextMeters(model, best) } : {}),
    transformer: transformerOf(model, parts),
    busbarRestKw: restOf(model, parts),
    buses: busesOf(model, parts),
    branches: branchesOf(model, parts),
    findings: [...input.findings, ...out.filter((each) => judged(model, each, blamed)).map(grossFinding)],
    provenance: [...inputs.provenance, ...blamed.map((feeder) => misfit(model, feeder))],
  };
}

interface Parts {
  readonly inputs: EstimateInputs;
  readonly best: Fit;
}

const judged = (model: EstimateModel, { measurement }: Gross, blamed: readonly number[]): boolean =>
  measurement.fresh && !blamed.includes(feederOf(model, measurement));

/** Spread of single loads for judging voltages: wide, and not learnt from the values under judgement. */
const JUDGING_SPREAD = 0.65;
/** Error of an unknown voltage, pu; of an unknown power, as a share of the rating. */
const UNKNOWN_PU = 0.1;
const UNKNOWN_SHARE = 0.4;

function unsolved(model: EstimateModel, input: EstimateInput, { inputs, best }: Parts): EstimateState {
  const error = UNKNOWN_SHARE * model.transformerKva;
  const unknown: EstimatedValue = { value: 0, error, origin: 'substituted' };
  return {
    substation: model.substation.id,
    time: input.time,
    topologyVersion: model.topologyVersion,
    converged: false,
    transformer: {
      activePowerKw: inputs.transformer?.kw ?? unknown,
      reactivePowerKvar: inputs.transformer?.kvar ?? unknown,
      loadingPct: 0,
      tapPosition: inputs.tap,
    },
    busbarRestKw: { ...unknown, origin: 'estimated' },
    buses: [],
    branches: [],
    findings: input.findings,
    provenance: [
      ...inputs.provenance,
      {
        element: best.solution.worstBus ?? model.substation.id,
        source: 'model',
        ageS: null,
        quality: 'bad',
        ...sayEstimate('no power flow fits these readings: the state is not known'),
      },
    ],
  };
}

const misfit = (model: EstimateModel, feeder: number): InputProvenance => ({
  element: model.feeders[feeder]!.id,
  source: 'model',
  ageS: null,
  quality: 'uncertain',
  ...sayEstimate('its measured voltages do not fit the model: look at switch states and impedances'),
});

function restOf(model: EstimateModel, { best }: Parts): EstimatedValue {
  const [at] = best.unknowns.restAt;
  const row = new Float64Array(best.deviates.length);
  row[at] = best.unknowns.list[at]!.moves[0]!.kw;
  const value = best.unknowns.baseKw[model.busbar]! + row[at] * best.deviates[at]!;
  return { value, error: best.errorOf(row), origin: 'estimated' };
}

function transformerOf(model: EstimateModel, { inputs, best }: Parts): EstimateState['transformer'] {
  const at = model.transformerBranch;
  const value = (key: 'toKw' | 'toKvar', from: EstimatedValue | undefined): EstimatedValue => ({
    value: -best.solution[key][at]!,
    error: best.errorOf(best.row({ value: 0, bus: -1, answer: (response) => response.flow(at, key) })),
    origin: from?.origin ?? 'substituted',
  });
  return {
    activePowerKw: value('toKw', inputs.transformer?.kw),
    reactivePowerKvar: value('toKvar', inputs.transformer?.kvar),
    loadingPct: best.solution.loadingPct[at]!,
    tapPosition: inputs.tap,
  };
}

function busesOf(model: EstimateModel, { best }: Parts): EstimatedBus[] {
  const { grid } = model;
  const metered = new Set(best.measurements.flatMap(({ shows }) => (shows.what === 'voltage' ? [shows.bus] : [])));
  const { loadKw, loadKvar } = loadsOf(model, best);
  return grid.busIds.map((id, bus) => {
    const live = grid.busNode[bus]! >= 0;
    return {
      id,
      voltagePu: {
        value: best.solution.vmPu[bus]! + (live ? best.dropAt(bus) : 0),
        error: live ? best.errorOf(best.row(voltageOutput(model, bus))) : UNKNOWN_PU,
        origin: metered.has(bus) ? 'measured' : 'estimated',
      },
      angleDeg: best.solution.vaDeg[bus]!,
      loadKw: loadKw[bus]!,
      loadKvar: loadKvar[bus]!,
    };
  });
}

/** Uncontrolled load per bus, without devices; at the busbar, what flows besides the feeders. */
function loadsOf(model: EstimateModel, { unknowns, deviates }: Fit): { loadKw: Float64Array; loadKvar: Float64Array } {
  const loadKw = Float64Array.from(unknowns.baseKw);
  const loadKvar = Float64Array.from(unknowns.baseKvar);
  const ofDevices = new Set([...unknowns.deviceAt.values()].flat());
  for (const [at, { moves }] of unknowns.list.entries())
    if (!ofDevices.has(at))
      for (const { bus, kw, kvar } of moves) {
        loadKw[bus]! += kw * deviates[at]!;
        loadKvar[bus]! += kvar * deviates[at]!;
      }
  for (const { devices } of model.feeders)
    for (const { device, bus } of devices) loadKw[bus]! -= unknowns.middleKw.get(device.id)!;
  return { loadKw, loadKvar };
}

function branchesOf(model: EstimateModel, { inputs, best }: Parts): EstimatedBranch[] {
  const { grid } = model;
  const headOf = new Map(model.feeders.map((feeder, at) => [feeder.headBranch, inputs.heads[at]!]));
  return grid.branchIds.map((id, branch) => {
    const known = branch === model.transformerBranch ? inputs.transformer : headOf.get(branch);
    const loading = best.solution.loadingPct[branch]!;
    const value = (key: 'fromKw' | 'fromKvar', from: EstimatedValue | undefined): EstimatedValue => ({
      value: best.solution[key][branch]!,
      error:
        grid.branchNode[branch]! < 0
          ? 0
          : best.errorOf(best.row({ value: 0, bus: -1, answer: (response) => response.flow(branch, key) })),
      origin: from?.origin ?? 'estimated',
    });
    return {
      id,
      closed: model.closed[branch]!,
      activePowerKw: value('fromKw', known?.kw),
      reactivePowerKvar: value('fromKvar', known?.kvar),
      loadingPct: Number.isNaN(loading) ? null : loading,
    };
  });
}
