import { buildProblem } from '../../cloud/plan/problem/build-problem.ts';
import { defaultEnvelope } from '../../cloud/plan/envelopes-only.ts';
import { tariffs } from '../../cloud/plan/problem/prices.ts';
import { clearSky } from '../../shared/grid/clear-sky.ts';
import type { EstimateState } from '../../cloud/estimate/state.ts';
import type { DispatchTask } from '../../cloud/plan/tasks.ts';
import type { DispatchOptions } from '../../cloud/plan/problem/problem.ts';
import type { Forecast } from '../../shared/contracts/forecast.ts';
import type { RegionSubstation } from '../../shared/contracts/region.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { buildSubstation } from './region.ts';

export interface SubstationTaskOptions {
  /** Start, ms UTC. */
  readonly start: number;
  readonly stepsS: readonly number[];
  /** Share of the clear-sky irradiance. */
  readonly clearness: number;
  /** Load over nominal, mean over the day. */
  readonly loadFactor: number;
  readonly options: Partial<DispatchOptions>;
}

/** Half width of the forecast's 0.05 to 0.95 band over its middle. */
const SPREAD = 0.12;
const LEAST_SPREAD_KW = 60;
const RESOLUTION_S = 900;

/** The optimiser's task for a substation of the shipped region on a synthetic day with its nominal loads; always the same. */
export function substationTask(task: SubstationTaskOptions): DispatchTask {
  const substation = buildSubstation('owd');
  const { start, stepsS, options } = task;
  const estimate = estimateAt(substation, task);
  const readings = readingsAt(substation, task);
  const built = unwrap(
    buildProblem({
      substation,
      tariff: tariffs.dso,
      now: start,
      speed: 1,
      start,
      stepsS,
      estimate,
      forecast: (target) => forecastOf(substation, target, task),
      live: (device, metric) => {
        const value = readings.get(`${device} ${metric}`);
        return value === undefined ? undefined : { value, quality: 'good', origin: 'measured', time: start };
      },
      link: () => 'up',
      sky: () => ({ now: task.clearness, best: 1 }),
      sessions: () => undefined,
      movesToday: new Map(substation.devices.map(({ id }) => [id, 0])),
      share: undefined,
      options,
    }),
  );
  return {
    problem: built.problem,
    plan: {
      substation: substation.id,
      substitutions: built.substitutions,
      bandKw: 400,
      unmetered: built.unmetered,
      defaults: built.problem.devices.map(({ id }) => {
        const device = substation.devices.find((one) => one.id === id);
        return device === undefined ? undefined : defaultEnvelope(device);
      }),
    },
  };
}

/** Half width of the 0.05 to 0.95 band of a target's forecast in a step of the task, kW. */
export function bandKw(task: SubstationTaskOptions, target: string, step: number): number {
  const { start, stepsS } = task;
  const seconds = stepsS.slice(0, step).reduce((sum, one) => sum + one, 0) + stepsS[step]! / 2;
  return spreadKw(target, netKw(buildSubstation('owd'), target, start + seconds * 1000, task));
}

/** The errors of the two feeders are independent, so the band of the whole is relatively narrower. */
const spreadKw = (target: string, kw: number): number =>
  (target.startsWith('feeder:') ? 1 : Math.SQRT1_2) * Math.max(LEAST_SPREAD_KW, SPREAD * Math.abs(kw));

/** Load over nominal through a day: lowest at 02:24, highest at 14:24 UTC. */
const loadAt = (time: number, mean: number): number =>
  mean * (1 + 0.35 * Math.sin((2 * Math.PI * ((time / 3_600_000) % 24)) / 24 - 0.7 * Math.PI));

function nominalKw({ network }: RegionSubstation, feeder: string): number {
  const own = new Set(network.buses.filter((bus) => bus.feeder === feeder).map(({ id }) => id));
  return network.loads.reduce((sum, load) => sum + (own.has(load.bus) ? load.activePowerKw : 0), 0);
}

function sunKw(substation: RegionSubstation, feeder: string, time: number, clearness: number): number {
  const rated = substation.devices.reduce(
    (sum, device) =>
      sum + (device.type === 'pv-inverter' && device.feeder === feeder ? (device.activePowerKw ?? 0) : 0),
    0,
  );
  return rated * clearness * clearSky(substation, time);
}

function netKw(substation: RegionSubstation, target: string, time: number, task: SubstationTaskOptions): number {
  const feeders = target.startsWith('feeder:')
    ? [target.slice('feeder:'.length)]
    : substation.network.feeders.map(({ id }) => id);
  return feeders.reduce(
    (sum, feeder) =>
      sum +
      nominalKw(substation, feeder) * loadAt(time, task.loadFactor) -
      sunKw(substation, feeder, time, task.clearness),
    0,
  );
}

function forecastOf(substation: RegionSubstation, target: string, task: SubstationTaskOptions): Forecast {
  const start = task.start - (task.start % (RESOLUTION_S * 1000));
  const times = Array.from({ length: 192 }, (_, step) => start + (step + 0.5) * RESOLUTION_S * 1000);
  const mid = times.map((time) => netKw(substation, target, time, task));
  const shifted = (sign: -1 | 0 | 1): number[] => mid.map((kw) => kw + sign * spreadKw(target, kw));
  return {
    id: `fc-${target}`,
    kind: 'issued',
    target,
    load: 'uncontrolled',
    issuedAt: task.start,
    dataUpTo: task.start,
    start,
    resolutionS: RESOLUTION_S,
    quantiles: [0.05, 0.5, 0.95],
    values: [shifted(-1), shifted(0), shifted(1)],
    model: { id: 'shape', sha256: null, members: {} },
    weather: null,
    inputCompleteness: 1,
    fallback: null,
    calibration: null,
    warnings: [],
  };
}

function readingsAt(substation: RegionSubstation, { start, clearness }: SubstationTaskOptions): Map<string, number> {
  const readings = new Map<string, number>();
  for (const { id, type, activePowerKw = 0 } of substation.devices) {
    if (type === 'battery') readings.set(`${id} socPct`, 50);
    if (type === 'pv-inverter')
      readings.set(`${id} availableKw`, activePowerKw * clearness * clearSky(substation, start));
    if (type === 'ev-site') {
      readings.set(`${id} wishedKw`, 0.6 * activePowerKw);
      readings.set(`${id} energyDueKwh`, 2 * activePowerKw);
      readings.set(`${id} deadlineMs`, start + 8 * 3_600_000);
    }
    if (type === 'capacitor-bank') readings.set(`${id} capacitorStep`, 0);
    if (type === 'flexible-load') readings.set(`${id} wishedKw`, 0.5 * activePowerKw);
  }
  return readings;
}

function estimateAt(substation: RegionSubstation, task: SubstationTaskOptions): EstimateState {
  const { network } = substation;
  const factor = loadAt(task.start, task.loadFactor);
  const measured = (value: number) => ({ value, error: 5, origin: 'measured' as const });
  const sums = new Map<string, { kw: number; kvar: number }>();
  for (const load of network.loads) {
    const sum = sums.get(load.bus) ?? { kw: 0, kvar: 0 };
    sum.kw += factor * load.activePowerKw;
    sum.kvar += factor * load.reactivePowerKvar;
    sums.set(load.bus, sum);
  }
  const whole = netKw(substation, `substation:${substation.id}`, task.start, task);
  return {
    substation: substation.id,
    time: task.start,
    topologyVersion: network.topologyVersion,
    converged: true,
    transformer: {
      activePowerKw: measured(whole),
      reactivePowerKvar: measured(0),
      loadingPct: 0,
      tapPosition: measured(0),
    },
    busbarRestKw: measured(0),
    buses: network.buses.map(({ id }) => ({
      id,
      voltagePu: measured(network.sources.some(({ bus }) => bus === id) ? 1.02 : 1),
      angleDeg: 0,
      loadKw: sums.get(id)?.kw ?? 0,
      loadKvar: sums.get(id)?.kvar ?? 0,
    })),
    branches: network.lines.map(({ id, closed }) => ({
      id,
      closed: closed ?? true,
      activePowerKw: measured(0),
      reactivePowerKvar: measured(0),
      loadingPct: 0,
    })),
    findings: [],
    provenance: [],
  };
}
