import { sayPlan } from '../../../shared/sentences/plan-forms.ts';
import { refused } from '../../../shared/sentences/refused.ts';
import { partOf, type Part } from '../../../shared/sentences/said.ts';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import type { Network } from '../../../shared/grid/network.ts';
import { isUsableForPlanning } from '../../../shared/time/staleness.ts';
import { good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { EstimateState } from '../../estimate/state.ts';
import type { CapacityTariff, DispatchOptions, DispatchProblem } from './problem.ts';
import { co2OnSteps } from './co2.ts';
import { connectionPoints } from './connection-points.ts';
import { loadCorners } from './load-corners.ts';
import { busbarLoad } from './busbar.ts';
import { clouded, type Clouded } from './nowcast.ts';
import { deviceModels, type DeviceInputs, type DeviceModels } from './plan-devices.ts';
import type { Share } from './region-share.ts';
import { leadHours, onSteps, TAIL } from './series.ts';
import { standIns, type StandIn } from './stand-in.ts';
import { CLOUD_NOISE } from './sun.ts';

export interface ProblemInputs extends Pick<
  DeviceInputs,
  | 'substation'
  | 'tariff'
  | 'curtailment'
  | 'now'
  | 'speed'
  | 'start'
  | 'stepsS'
  | 'live'
  | 'link'
  | 'held'
  | 'sessions'
  | 'sky'
  | 'movesToday'
> {
  readonly estimate: EstimateState | undefined;
  forecast(target: string): Forecast | undefined;
  /** This substation's share of the region's limit. */
  readonly share: Share | undefined;
  /** Undefined: no capacity tariff. */
  readonly capacity?: (CapacityTariff & { readonly isKnown: boolean }) | undefined;
  readonly options: Partial<DispatchOptions>;
}

export interface BuiltProblem {
  readonly problem: DispatchProblem;
  readonly substitutions: readonly Part[];
  readonly missing: readonly string[];
  readonly forecastId: string | undefined;
  /** Consumption of devices that are neither planned nor part of the uncontrolled load, kW by feeder and step. */
  readonly fixedKw: Readonly<Record<string, readonly number[]>>;
  /** `transformer` and feeders whose meter the estimate found to be wrong. */
  readonly unmetered: readonly string[];
}

/**
 * Where nothing is known of the loads, active power is best taken as of constant current, here by its slope, and reactive power as of
 * constant impedance: Kundur, Power System Stability and Control, 7.1.1. With loads of constant power a plan would raise the voltage to save
 * losses, and the substation would draw more.
 */
const IMPEDANCE_SHARES = { active: 0.5, reactive: 1 };

/** Half of the tap controller's dead band plus twice the usual error of an estimated voltage. */
const VOLTAGE_ROOM_PU = 0.00625 + 0.002;

/**
 * Poses the problem of one substation from what is known now. Missing inputs are replaced with wider margins and named. Fails with
 * LS-OPT-004 if no estimate shows the state of the network.
 */
export function buildProblem(inputs: ProblemInputs): Outcome<BuiltProblem> {
  const { substation, estimate, now, speed } = inputs;
  if (estimate === undefined)
    return refused('LS-OPT-004', '{substation}: there is no estimate yet', { substation: substation.id });
  if (!estimate.converged)
    return refused('LS-OPT-004', '{substation}: the estimate did not converge', { substation: substation.id });
  if (!isUsableForPlanning(now - estimate.time, { intervalS: estimate.everyS, speed }))
    return refused('LS-OPT-004', '{substation}: the estimate is {minutes} min old', {
      substation: substation.id,
      minutes: Math.round((now - estimate.time) / 60_000),
    });
  const substitutions = provenance(estimate);
  const network = withTopology(substation.network, estimate);
  const source = sourcePu(network, estimate);
  const models = deviceModels({ ...inputs, sourcePu: source, tapPosition: estimate.transformer.tapPosition.value });
  substitutions.push(...models.substitutions);
  const steps = inputs.stepsS.length;
  const horizon = { start: inputs.start, stepsS: [...inputs.stepsS] };
  const leadH = leadHours(inputs.start, inputs.stepsS, now);
  const sinceSeenH = leadHours(inputs.start, inputs.stepsS, estimate.time, 1);
  const busbar = busbarLoad(inputs, estimate, models);
  const standIn = standIns({ network, estimate, busbarKw: busbar.kw, sunKw: models.sunKw, steps });
  /** What clouds do within minutes is kept apart: the network feels it, but the region's limit applies to means. */
  const quantiles = (target: string, errorKw: number, sunKw: number, otherwise: () => StandIn): Clouded => {
    const forecast = inputs.forecast(target);
    if (forecast?.fallback !== null && forecast?.fallback !== undefined)
      substitutions.push(
        sayPlan('forecast of {target} is a fallback ({level})', { target, level: forecast.fallback.level }),
      );
    let found = forecast === undefined ? undefined : onSteps(forecast, horizon, TAIL);
    if (found === undefined) {
      const { roomKw, ...held } = otherwise();
      substitutions.push(
        sayPlan(
          'no forecast of {target} reaches over the horizon: its load of now, within hours {value} kW either way',
          {
            target,
            value: Math.round(roomKw),
          },
        ),
      );
      found = held;
    }
    return clouded(found, { errorKw, cloudKw: CLOUD_NOISE * sunKw }, sinceSeenH);
  };
  const headErrorKw = (feeder: string): number => {
    const branch = network.feeders.find(({ id }) => id === feeder)?.headBranch;
    return estimate.branches.find(({ id }) => id === branch)?.activePowerKw.error ?? Infinity;
  };
  const sunNow = (feeder: string): number => Math.abs(models.sunKw.get(feeder)?.[0] ?? 0);
  const feeders = new Map(
    network.feeders.map(
      ({ id }) => [id, quantiles(`feeder:${id}`, headErrorKw(id), sunNow(id), () => standIn.feeder(id))] as const,
    ),
  );
  const allSun = [...models.sunKw.keys()].reduce((sum, feeder) => sum + sunNow(feeder), 0);
  const whole = quantiles(
    `substation:${substation.id}`,
    estimate.transformer.activePowerKw.error,
    allSun,
    standIn.whole,
  );
  const corners = loadCorners({ substation, network, estimate, models, leadH, feeders, whole, busbar });
  const connections = connectionPoints({ substation, network, models, loads: corners.loads, steps });
  substitutions.push(...connections.substitutions);
  const { tariff } = inputs;
  const co2 = co2OnSteps(tariff.co2, horizon, tariff.co2KgPerMwh);
  if (tariff.co2EurPerKg > 0 && co2.missing > 0)
    substitutions.push(
      sayPlan('CO2 intensity of {missing} of {steps} steps is not known: {value} kg/MWh', {
        missing: co2.missing,
        steps,
        value: tariff.co2KgPerMwh,
      }),
    );
  const { capacity } = inputs;
  if (capacity?.isKnown === false)
    substitutions.push(
      sayPlan("the month's peak so far is not known: plans avoid any import that the capacity tariff bills"),
    );
  const isOrdered = corners.devices.some((device) => device.kind === 'pv' && device.connectedOn !== undefined);
  const { share } = inputs;
  const least = (
    own: number,
    shared: readonly number[] = [],
    ...reliefs: (readonly number[] | undefined)[]
  ): number[] =>
    Array.from({ length: steps }, (_, step) =>
      Math.min(
        own,
        reliefs.reduce((sum, relief) => sum + (relief?.[step] ?? 0), shared[step] ?? own),
      ),
    );
  return good({
    problem: {
      id: substation.id,
      network,
      horizon,
      sourceVoltagePu: source / (1 + estimate.transformer.tapPosition.value * tapStep(network)),
      loads: corners.loads,
      loadModel: { ...IMPEDANCE_SHARES, voltagePu: voltagesOf(network, estimate) },
      devices: corners.devices,
      connectionPoints: connections.points,
      limits: {
        voltageMarginPu: VOLTAGE_ROOM_PU,
        importKw: least(substation.limits.importKw, share?.importKw, share?.importReliefKw, whole.cloudUpKw),
        exportKw: least(substation.limits.exportKw, share?.exportKw, share?.exportReliefKw, whole.cloudDownKw),
        heads: substation.heads,
      },
      prices: {
        importEurPerMwh: co2.kgPerMwh.map((kg) => tariff.importEurPerMwh + kg * tariff.co2EurPerKg),
        exportEurPerMwh: co2.kgPerMwh.map((kg) => tariff.exportEurPerMwh + kg * tariff.co2EurPerKg),
        lossesEurPerMwh: tariff.lossesEurPerMwh,
        peakEurPerKw: tariff.peakEurPerKw,
        capacity,
        ...(tariff.co2EurPerKg > 0 ? { emissions: { kgPerMwh: co2.kgPerMwh, eurPerKg: tariff.co2EurPerKg } } : {}),
      },
      fairness:
        tariff.fairnessEurPerPct > 0 && !isOrdered
          ? { maxSpreadPct: tariff.fairnessSpreadPct, excessEurPerPct: tariff.fairnessEurPerPct }
          : undefined,
      options: inputs.options,
    },
    substitutions,
    missing: models.missing,
    fixedKw: fixedOf(models.fixed),
    unmetered: unmetered(substation, estimate),
    forecastId: inputs.forecast(`substation:${substation.id}`)?.id,
  });
}

function fixedOf(fixed: DeviceModels['fixed']): Record<string, number[]> {
  const sums: Record<string, number[]> = {};
  for (const { feeder, besidesLoadKw } of fixed)
    sums[feeder] = besidesLoadKw.map((kw, step) => kw + (sums[feeder]?.[step] ?? 0));
  return sums;
}

function unmetered({ meters }: RegionSubstation, { findings }: EstimateState): string[] {
  return findings.flatMap(({ device, channel }) => {
    if (channel === 'voltage') return [];
    const meter = meters.find((one) => one.device === device);
    if (meter?.kind === 'transformer') return ['transformer'];
    return meter?.kind === 'feeder-head' && meter.feeder !== undefined ? [meter.feeder] : [];
  });
}

/** What the estimate itself had to substitute. */
function provenance({ provenance, findings }: EstimateState): Part[] {
  return [
    ...findings.map(({ device, finding }) =>
      finding === 'wrong-switch'
        ? sayPlan('switch {device} is not in the state that the network model gives: the estimate follows the meters', {
            device,
          })
        : sayPlan('meter {device} is {finding}: the estimate stands in', { device, finding }),
    ),
    ...provenance
      .filter(({ source }) => source === 'sum-of-heads' || source === 'profile' || source === 'last-value')
      .map(partOf),
  ];
}

/** Switches as estimated; the first transformer at neutral tap, because its ratio is part of the source's voltage here. */
function withTopology(network: Network, estimate: EstimateState): Network {
  const closed = new Map(estimate.branches.map((branch) => [branch.id, branch.closed]));
  return {
    ...network,
    topologyVersion: estimate.topologyVersion,
    lines: network.lines.map((line) => ({ ...line, closed: closed.get(line.id) ?? line.closed ?? true })),
    transformers: network.transformers.map((each, at) => (at === 0 ? { ...each, tapPosition: 0 } : each)),
  };
}

/** Below it a bus counts as dead. */
const LEAST_PU = 0.5;

/** Voltages as estimated, at which the loads of now are known; 1 pu for a dead bus. */
function voltagesOf(network: Network, { buses }: EstimateState): Float64Array {
  const seen = new Map(buses.map(({ id, voltagePu }) => [id, voltagePu.value]));
  return Float64Array.from(network.buses, ({ id }) => {
    const pu = seen.get(id) ?? 0;
    return pu > LEAST_PU ? pu : 1;
  });
}

const tapStep = (network: Network): number => (network.transformers[0]?.tapStepPct ?? 0) / 100;

/** Voltage of the source as estimated, otherwise as the network states it. */
function sourcePu(network: Network, estimate: EstimateState): number {
  const source = network.sources[0];
  return estimate.buses.find(({ id }) => id === source?.bus)?.voltagePu.value ?? source?.voltagePu ?? 1;
}
