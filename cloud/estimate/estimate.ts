import { allocate, type Allocation } from './allocate.ts';
import { correct, corrected, type Correction, type MeasuredVoltage } from './correct.ts';
import { factorsOf, type Factors } from './factors.ts';
import { chooseInputs, VOLTAGE_SHARE, type EstimateInput, type EstimateInputs } from './inputs.ts';
import type { EstimateModel } from './model.ts';
import { staleAfterMs, usable } from './readings.ts';
import type { EstimatedBranch, EstimatedBus, EstimatedValue, EstimateState, InputProvenance } from './state.ts';

export { compileEstimate, type EstimateModel } from './model.ts';
export type { EstimateInput } from './inputs.ts';
export type { Reading, Readings } from './readings.ts';

/** Error of what flows at the busbar besides the feeders where nothing tells it, as a share of the transformer's rating. */
const UNKNOWN_REST = 0.4;
/** How far a voltage walks in ten minutes: a step of the tap changer, a cloud. */
const WALK_PU = 0.008;
/** A voltage older than this is weighed, but its meter is not judged by it. */
const JUDGED_MS = 60_000;

/**
 * The state of a substation from its newest readings: inputs chosen or substituted, loads shared out to the buses, power flow on
 * the model, then one step of weighted least squares on the voltages that stations and terminals show, and the power flow again.
 */
export function estimate(model: EstimateModel, input: EstimateInput): EstimateState {
  const chosen = chooseInputs(model, input);
  const restKw = input.busbarRestKw?.value;
  const first = allocate(model, chosen, { restKw });
  if (!first.solution.converged) return unsolved(model, input, { inputs: chosen, allocation: first });
  const factors = factorsOf(model, chosen, first);
  const measured = measuredVoltages(model, input);
  const correction = correct(model, factors, first, measured);
  const { inputs, ...shifts } = corrected(chosen, factors, correction, model.grid.busIds.length);
  const allocation = allocate(model, inputs, { restKw, ...shifts });
  const parts = { inputs, allocation, factors, correction };
  const transformer = transformerOf(model, input, parts);
  return {
    substation: model.substation.id,
    time: input.time,
    topologyVersion: model.topologyVersion,
    converged: allocation.solution.converged,
    transformer,
    busbarRestKw: restOf(parts, transformer),
    buses: busesOf(model, measured, parts),
    branches: branchesOf(model, transformer, parts),
    findings: [...input.findings, ...correction.findings],
    provenance: [...inputs.provenance, ...correction.misfits.map((feeder) => misfit(model, feeder))],
  };
}

interface Parts {
  readonly inputs: EstimateInputs;
  readonly allocation: Allocation;
  /** Undefined where the power flow did not converge: nothing is known then. */
  readonly factors?: Factors;
  readonly correction?: Correction;
}

/** Error of what cannot be told, pu. */
const UNKNOWN_PU = 0.1;

function unsolved(model: EstimateModel, input: EstimateInput, parts: Parts): EstimateState {
  const transformer = transformerOf(model, input, parts);
  return {
    substation: model.substation.id,
    time: input.time,
    topologyVersion: model.topologyVersion,
    converged: false,
    transformer,
    busbarRestKw: restOf(parts, transformer),
    buses: [],
    branches: [],
    findings: input.findings,
    provenance: [
      ...parts.inputs.provenance,
      {
        element: parts.allocation.solution.worstBus ?? model.substation.id,
        source: 'model',
        ageS: null,
        quality: 'bad',
        text: 'no power flow fits these readings: the state is not known',
      },
    ],
  };
}

const misfit = (model: EstimateModel, feeder: number): InputProvenance => ({
  element: model.feeders[feeder]!.id,
  source: 'model',
  ageS: null,
  quality: 'uncertain',
  text: 'its measured voltages do not fit the model: look at switch states and impedances',
});

function restOf({ inputs, allocation }: Parts, transformer: EstimateState['transformer']): EstimatedValue {
  return {
    value: allocation.busbarRestKw,
    error: Math.hypot(transformer.activePowerKw.error, ...inputs.heads.map((head) => head.kw.error)),
    origin: 'estimated',
  };
}

function transformerOf(
  model: EstimateModel,
  input: EstimateInput,
  { inputs, allocation }: Pick<Parts, 'inputs' | 'allocation'>,
): EstimateState['transformer'] {
  const restError = input.busbarRestKw?.error ?? UNKNOWN_REST * model.transformerKva;
  const value = (now: number, key: 'kw' | 'kvar'): EstimatedValue => ({
    value: now,
    error: inputs.transformer?.[key].error ?? Math.hypot(restError, ...inputs.heads.map((head) => head[key].error)),
    origin: inputs.transformer?.[key].origin ?? 'substituted',
  });
  return {
    activePowerKw: value(allocation.transformerKw, 'kw'),
    reactivePowerKvar: value(allocation.transformerKvar, 'kvar'),
    loadingPct: allocation.solution.loadingPct[model.transformerBranch]!,
    tapPosition: inputs.tap,
  };
}

function busesOf(
  model: EstimateModel,
  measured: readonly MeasuredVoltage[],
  { inputs, allocation, factors, correction }: Parts,
): EstimatedBus[] {
  const { grid, busbar } = model;
  const metered = new Set(
    measured.filter(({ device }) => correction?.leftOut.has(device) !== true).map(({ bus }) => bus),
  );
  if (inputs.busbarPu !== undefined) metered.add(busbar);
  return grid.busIds.map((id, bus) => ({
    id,
    voltagePu: {
      value: allocation.solution.vmPu[bus]! + dropOf(model, bus, { factors, correction }),
      error: factors === undefined ? UNKNOWN_PU : correction!.errorOf(factors.voltage[bus]!),
      origin: metered.has(bus) ? 'measured' : 'estimated',
    },
    angleDeg: allocation.solution.vaDeg[bus]!,
    loadKw: allocation.loadKw[bus]!,
    loadKvar: allocation.loadKvar[bus]!,
  }));
}

/** What the voltages say of the feeder's impedances, which the power flow does not know. */
function dropOf(
  model: EstimateModel,
  bus: number,
  { factors, correction }: { factors: Factors | undefined; correction: Correction | undefined },
): number {
  const feeder = model.feederOfBus[bus]!;
  if (feeder < 0 || factors === undefined || correction === undefined) return 0;
  const at = factors.feeders[feeder]!.dropAt;
  return factors.voltage[bus]![at]! * correction.deviates[at]!;
}

/** Voltages that stations and terminals show now; what is stale, or was found to be wrong, is left out. */
function measuredVoltages(model: EstimateModel, input: EstimateInput): MeasuredVoltage[] {
  return model.substation.meters.flatMap((meter): MeasuredVoltage[] => {
    if (meter.kind !== 'station' && meter.kind !== 'terminal') return [];
    if (input.findings.some(({ device }) => device === meter.device)) return [];
    const bus = model.grid.busIndex.get(meter.element);
    const reading = usable(input.readings, meter.device, 'voltagePu');
    if (bus === undefined || model.feederOfBus[bus]! < 0 || reading === undefined || !(reading.value > 0)) return [];
    const age = Math.max(0, input.time - reading.time);
    if (age > staleAfterMs(meter.intervalS)) return [];
    // Between two readings of a slow meter the voltage walks on.
    const error = Math.hypot(
      (reading.value * meter.errorPct * VOLTAGE_SHARE) / 100,
      WALK_PU * Math.sqrt(age / 600_000),
    );
    return [
      {
        device: meter.device,
        bus,
        time: reading.time,
        fresh: age <= JUDGED_MS,
        value: { value: reading.value, error, origin: 'measured' },
      },
    ];
  });
}

function branchesOf(
  model: EstimateModel,
  transformer: EstimateState['transformer'],
  { inputs, allocation, factors, correction }: Parts,
): EstimatedBranch[] {
  const { solution } = allocation;
  const headOf = new Map(model.feeders.map((feeder, at) => [feeder.headBranch, inputs.heads[at]!]));
  return model.grid.branchIds.map((id, branch) => {
    const head = headOf.get(branch);
    const isTransformer = branch === model.transformerBranch;
    const loading = solution.loadingPct[branch]!;
    const value = (now: number, key: 'kw' | 'kvar'): EstimatedValue => {
      const whole = key === 'kw' ? transformer.activePowerKw : transformer.reactivePowerKvar;
      const known = isTransformer ? whole : head?.[key];
      const row = (key === 'kw' ? factors?.branchKw : factors?.branchKvar)?.[branch];
      const error = row === undefined ? 0 : correction!.errorOf(row);
      return { value: now, error: known?.error ?? error, origin: known?.origin ?? 'estimated' };
    };
    return {
      id,
      closed: model.closed[branch]!,
      activePowerKw: value(solution.fromKw[branch]!, 'kw'),
      reactivePowerKvar: value(solution.fromKvar[branch]!, 'kvar'),
      loadingPct: Number.isNaN(loading) ? null : loading,
    };
  });
}
