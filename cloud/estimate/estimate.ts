import { allocate, type Allocation } from './allocate.ts';
import { errorsOf, type EstimateErrors } from './errors.ts';
import { chooseInputs, type EstimateInput, type EstimateInputs } from './inputs.ts';
import type { EstimateModel } from './model.ts';
import { staleAfterMs, usable } from './readings.ts';
import type { EstimatedBranch, EstimatedBus, EstimatedValue, EstimateState } from './state.ts';

export { compileEstimate, type EstimateModel, type Topology } from './model.ts';
export type { EstimateInput } from './inputs.ts';
export type { Reading, Readings } from './readings.ts';

/** Error of what flows at the busbar besides the feeders where nothing tells it, as a share of the transformer's rating. */
const UNKNOWN_REST = 0.4;

/**
 * The state of a substation from its newest readings: inputs chosen or substituted, loads shared out to the buses, power flow on
 * the model, errors. Voltages that a station meter shows stand as measured; all else is estimated and says so.
 */
export function estimate(model: EstimateModel, input: EstimateInput): EstimateState {
  const inputs = chooseInputs(model, input);
  const allocation = allocate(model, inputs, input.busbarRestKw?.value ?? 0);
  const errors = errorsOf(model, inputs, allocation);
  const transformer = transformerOf(model, input, { inputs, allocation });
  return {
    substation: model.substation.id,
    time: input.time,
    topologyVersion: model.topologyVersion,
    converged: allocation.solution.converged,
    transformer,
    busbarRestKw: {
      value: allocation.busbarRestKw,
      error: Math.hypot(transformer.activePowerKw.error, ...inputs.heads.map((head) => head.kw.error)),
      origin: 'estimated',
    },
    buses: busesOf(model, input, { inputs, allocation, errors }),
    branches: branchesOf(model, { inputs, allocation, errors, transformer }),
    findings: input.findings,
    provenance: inputs.provenance,
  };
}

interface Parts {
  readonly inputs: EstimateInputs;
  readonly allocation: Allocation;
  readonly errors: EstimateErrors;
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

function busesOf(model: EstimateModel, input: EstimateInput, { inputs, allocation, errors }: Parts): EstimatedBus[] {
  const { grid, busbar } = model;
  const measured = measuredVoltages(model, input);
  return grid.busIds.map((id, bus) => {
    const estimated: EstimatedValue = {
      value: allocation.solution.vmPu[bus]!,
      error: errors.voltagePu[bus]!,
      origin: bus === busbar && inputs.busbarPu !== undefined ? 'measured' : 'estimated',
    };
    const meter = measured.get(bus);
    return {
      id,
      voltagePu: meter !== undefined && meter.error <= estimated.error ? meter : estimated,
      angleDeg: allocation.solution.vaDeg[bus]!,
      loadKw: allocation.loadKw[bus]!,
      loadKvar: allocation.loadKvar[bus]!,
    };
  });
}

/** Voltages that stations and terminals show now, by bus; what is stale, or found to be wrong, is left out. */
export function measuredVoltages(model: EstimateModel, input: EstimateInput): Map<number, EstimatedValue> {
  const measured = new Map<number, EstimatedValue>();
  for (const meter of model.substation.meters) {
    if (meter.kind !== 'station' && meter.kind !== 'terminal') continue;
    if (input.findings.some(({ device }) => device === meter.device)) continue;
    const bus = model.grid.busIndex.get(meter.element);
    const reading = usable(input.readings, meter.device, 'voltagePu');
    if (bus === undefined || reading === undefined || !(reading.value > 0.5 && reading.value < 1.5)) continue;
    if (input.time - reading.time > staleAfterMs(meter.intervalS)) continue;
    // Between two readings of a slow meter the voltage walks on.
    const walk = 0.002 * Math.sqrt((input.time - reading.time) / 600_000);
    const error = Math.hypot((reading.value * meter.errorPct) / 200, walk);
    const known = measured.get(bus);
    if (known === undefined || error < known.error)
      measured.set(bus, { value: reading.value, error, origin: 'measured' });
  }
  return measured;
}

function branchesOf(
  model: EstimateModel,
  { inputs, allocation, errors, transformer }: Parts & Pick<EstimateState, 'transformer'>,
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
      const error = (key === 'kw' ? errors.branchKw : errors.branchKvar)[branch]!;
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
