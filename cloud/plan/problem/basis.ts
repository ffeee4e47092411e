import { textOf } from '../../../shared/sentences/said.ts';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { PlanBody } from '../../../shared/contracts/plan.ts';
import type { BuiltProblem } from './build-problem.ts';
import { isStepped, type DispatchProblem, type EvDevice } from './problem.ts';
import { stepTimes, TAIL } from './series.ts';

/** The part of a plan's basis that has moved. */
export type Moved = 'topology' | 'devices' | 'inputs' | 'forecast' | 'measured' | 'limits' | 'prices' | 'sessions';

/**
 * Load, sun, limits and forecasts may move by this share of the transformer's rating before a plan is outdated; heads' bands use the same
 * share.
 */
const LOAD_SHARE = 0.05;
/**
 * Tolerances of a wish and, times an hour, of a site's remaining energy, as a share of the rating; of levels of charge; of prices; of the
 * source's voltage.
 */
const WISH_SHARE = 0.1;
const LEVEL_PCT = 5;
const PRICE_SHARE = 0.05;
const SOURCE_PU = 0.005;
/** A forecast's tolerance grows by its own size for every such span ahead, h: there is time to replan before the far part matters. */
const AHEAD_H = 3;
/** A session that wants this much more than before is another car at the same charger, kWh. */
const ANOTHER_KWH = 1;
/** A number in a text; digits within a name do not count. */
const AMOUNT = /(?<!\w|\w-)\d+(\.\d+)?(?![\w-])/g;
/** Steps that begin within this time are compared one by one; beyond it, forecasts are compared. */
const NEAR_S = 3600;

/** What a step of a plan rests on, kW and EUR/MWh. */
interface NearStep {
  readonly lengthS: number;
  /** Load without the sun: expected, and at the forecast's corners. */
  readonly load: readonly [mid: number, lowSun: number, highSun: number];
  /** Expected load by feeder. */
  readonly feeders: readonly number[];
  readonly sunKw: number;
  readonly limits: readonly [importKw: number, exportKw: number];
  readonly prices: readonly [importEur: number, exportEur: number];
}

interface KnownSession {
  readonly energyKwh: number;
  readonly departure: number;
  /** It must not pause once it charges, and has not begun. */
  readonly waits: boolean;
}

/** The basis of a plan, as far as it decides whether to replan. */
export interface Basis {
  readonly ratedKva: number;
  readonly topology: string;
  readonly devices: string;
  /** Position of each stepped device, and the plan's position in each of its steps. */
  readonly positions: ReadonlyMap<string, number>;
  readonly planned?: ReadonlyMap<string, readonly number[]> | undefined;
  /** Missing inputs and their substitutes, in words without numbers. */
  readonly inputs: string;
  readonly sourcePu: number;
  /** By start, ms UTC. */
  readonly near: ReadonlyMap<number, NearStep>;
  readonly forecasts: readonly (Forecast | undefined)[];
  /** Power that devices would draw, as a share of their rating. */
  readonly wishes: ReadonlyMap<string, number>;
  /** Energy that each session still takes, kWh, and its departure, ms UTC; Infinity: unknown. */
  readonly sessions: ReadonlyMap<string, KnownSession>;
  /** Sites whose sessions are not known one by one: the energy they still take, and how much more means another car. */
  readonly sites: ReadonlyMap<string, Site>;
  /** Level of each storage now, %. */
  readonly levels: ReadonlyMap<string, number>;
}

interface Site {
  readonly energyKwh: number;
  /** First departure, ms UTC; Infinity: unknown. */
  readonly departure: number;
  readonly anotherKwh: number;
}

/** `forecasts`: of the substation and its feeders, always in the same order. */
export function basisOf(built: BuiltProblem, forecasts: Basis['forecasts']): Basis {
  const { problem, missing, substitutions, unmetered } = built;
  const { network, devices } = problem;
  const wishes = new Map<string, number>();
  const sessions: Map<string, KnownSession> = new Map();
  const sites = new Map<string, Site>();
  const levels = new Map<string, number>();
  for (const device of devices) {
    if (device.kind === 'storage') levels.set(device.id, 100 * device.socStart);
    if (device.kind === 'flexible') wishes.set(device.id, shareOf(device.wishedKw[0]!, device.maxKw[0]!));
    if (device.kind !== 'ev') continue;
    // Sessions that are not known one by one carry the id of their site.
    const known = device.sessions.filter(({ id }) => id !== device.id);
    if (known.length === 0) {
      const ratedKw = device.ratedKw ?? device.maxKw[0]!;
      wishes.set(device.id, shareOf(device.wishedKw[0]!, ratedKw));
      sites.set(device.id, siteOf(device, ratedKw));
    }
    for (const { id, energyKwh, departure = Infinity, uninterrupted } of known)
      sessions.set(`${device.id} ${id}`, { energyKwh, departure, waits: uninterrupted?.charging === false });
  }
  return {
    ratedKva: network.transformers[0]?.ratedKva ?? 1000,
    topology: [network.topologyVersion, ...network.lines.map(({ closed = true }) => Number(closed))].join(' '),
    devices: devices.map(({ id }) => id).join(' '),
    positions: new Map(devices.flatMap((device) => (isStepped(device) ? [[device.id, device.start]] : []))),
    inputs: [...missing, ...unmetered, ...substitutions.map(textOf)].join('\n').replaceAll(AMOUNT, ''),
    sourcePu: problem.sourceVoltagePu,
    near: nearSteps(problem),
    forecasts,
    wishes,
    sessions,
    sites,
    levels,
  };
}

const siteOf = ({ sessions }: EvDevice, ratedKw: number): Site => ({
  energyKwh: sessions.reduce((sum, { energyKwh }) => sum + energyKwh, 0),
  departure: Math.min(...sessions.map(({ departure = Infinity }) => departure)),
  anotherKwh: WISH_SHARE * ratedKw,
});

const shareOf = (kw: number, ratedKw: number): number => kw / Math.max(1, ratedKw);

function nearSteps(problem: DispatchProblem): Map<number, NearStep> {
  const { network, horizon, loads, devices, limits, prices } = problem;
  const buses = network.buses.length;
  const sum = ({ activePowerKw }: { activePowerKw: Float64Array }, step: number, feeder?: string): number =>
    network.buses.reduce(
      (kw, bus, at) => kw + (feeder === undefined || bus.feeder === feeder ? activePowerKw[step * buses + at]! : 0),
      0,
    );
  const near = new Map<number, NearStep>();
  for (const [step, time] of stepTimes(horizon.start, horizon.stepsS).entries()) {
    if (time >= horizon.start + NEAR_S * 1000) break;
    const { mid, lowSun = mid, highSun = mid } = loads;
    near.set(time, {
      lengthS: horizon.stepsS[step]!,
      load: [sum(mid, step), sum(lowSun, step), sum(highSun, step)],
      feeders: network.feeders.map(({ id }) => sum(mid, step, id)),
      sunKw: devices.reduce((kw, device) => kw + (device.kind === 'pv' ? device.availableKw[step]! : 0), 0),
      limits: [limits.importKw[step]!, limits.exportKw[step]!],
      prices: [prices.importEurPerMwh[step]!, prices.exportEurPerMwh[step]!],
    });
  }
  return near;
}

/**
 * What has moved since a plan was made, beyond what it foresaw; undefined if the plan still stands. `devices`: of the plan; their levels of
 * charge, tap changers and capacitor banks move as planned.
 */
export function movedSince(
  before: Basis,
  { horizon, devices }: Pick<PlanBody, 'horizon' | 'devices'>,
  now: Basis,
  time: number,
): Moved | undefined {
  if (before.topology !== now.topology) return 'topology';
  if (before.devices !== now.devices) return 'devices';
  for (const [id, position] of now.positions)
    if (!foresawPosition(before, { id, position }, { horizon, time })) return 'devices';
  if (before.inputs !== now.inputs) return 'inputs';
  // Plant time runs at another speed: steps that cannot be compared may have moved.
  const [first] = now.near.values();
  if (first?.lengthS !== horizon.stepsS[0]) return 'inputs';
  const tolerance = LOAD_SHARE * now.ratedKva;
  const far = (a: number, b: number): boolean => Math.abs(a - b) > tolerance;
  if (now.forecasts.some((forecast, at) => differs(before.forecasts[at], forecast, { time, tolerance })))
    return 'forecast';
  for (const [start, here] of now.near) {
    const then = before.near.get(start);
    if (then === undefined || then.lengthS !== here.lengthS) continue;
    const beyond = here.load[2] < then.load[2] - tolerance || here.load[1] > then.load[1] + tolerance;
    const feeders = here.feeders.some((kw, at) => far(kw, then.feeders[at] ?? Infinity));
    if (beyond || feeders || far(here.load[0], then.load[0]) || far(here.sunKw, then.sunKw)) return 'measured';
    if (here.limits.some((kw, at) => far(kw, then.limits[at]!))) return 'limits';
    if (here.prices.some((eur, at) => Math.abs(eur - then.prices[at]!) > PRICE_SHARE * Math.abs(then.prices[at]!)))
      return 'prices';
  }
  if (Math.abs(before.sourcePu - now.sourcePu) > SOURCE_PU) return 'measured';
  for (const [id, level] of now.levels) {
    const planned = levelAt({ horizon, devices }, { id, start: before.levels.get(id) ?? level, time });
    if (Math.abs(level - planned) > LEVEL_PCT) return 'measured';
  }
  for (const [id, share] of now.wishes)
    if (Math.abs(share - (before.wishes.get(id) ?? share)) > WISH_SHARE) return 'measured';
  const end = horizon.start + horizon.stepsS.reduce((sum, seconds) => sum + seconds * 1000, 0);
  return sessionsMoved(before, now, { time, end }) ? 'sessions' : undefined;
}

/** Whether a stepped device stands where it stood, or where the plan has it in this step or the one before: a move takes time. */
function foresawPosition(
  { positions, planned }: Basis,
  { id, position }: { readonly id: string; readonly position: number },
  { horizon, time }: { readonly horizon: PlanBody['horizon']; readonly time: number },
): boolean {
  if (positions.get(id) === position) return true;
  const starts = stepTimes(horizon.start, horizon.stepsS);
  const step = starts.findLastIndex((start) => start <= time);
  const course = planned?.get(id);
  return course !== undefined && step >= 0 && (course[step] === position || course[step - 1] === position);
}

/**
 * Whether a forecast differs from the previous one beyond the near steps, at its median or outwards at a corner. Near steps are compared
 * with measurements.
 */
function differs(
  before: Forecast | undefined,
  now: Forecast | undefined,
  { time, tolerance }: { readonly time: number; readonly tolerance: number },
): boolean {
  if (before === undefined || now === undefined) return before !== now;
  if (before === now) return false;
  if (before.resolutionS !== now.resolutionS || String(before.quantiles) !== String(now.quantiles)) return true;
  const stepMs = now.resolutionS * 1000;
  const shift = Math.round((now.start - before.start) / stepMs);
  return now.quantiles.some((quantile, row) => {
    if (quantile !== 0.5 && quantile > TAIL && quantile < 1 - TAIL) return false;
    return now.values[row]!.some((kw, at) => {
      const then = before.values[row]![at + shift];
      const aheadH = (now.start + (at + 1) * stepMs - time) / 3_600_000;
      if (then === undefined || aheadH <= NEAR_S / 3600) return false;
      if (Math.abs(kw - then) <= tolerance * (1 + aheadH / AHEAD_H)) return false;
      // A new forecast normally moves a corner inwards: the plan kept room for more.
      return quantile === 0.5 || (quantile < 0.5 ? kw < then : kw > then);
    });
  });
}

/** Level of a storage under a plan at a time within it, %; the plan states it at the end of each step. */
function levelAt(
  { horizon, devices }: Pick<PlanBody, 'horizon' | 'devices'>,
  { id, start, time }: { readonly id: string; readonly start: number; readonly time: number },
): number {
  const ends = devices.find(({ device }) => device === id)?.socPct ?? [];
  let level = start;
  let from = horizon.start;
  for (const [step, seconds] of horizon.stepsS.entries()) {
    const to = ends[step] ?? level;
    const until = from + seconds * 1000;
    if (time < until) return level + ((to - level) * Math.max(0, time - from)) / (until - from);
    level = to;
    from = until;
  }
  return level;
}

/** Whether a session came, began, wants another time, or left early. `end`: of the previous horizon. */
function sessionsMoved(
  before: Basis,
  now: Basis,
  { time, end }: { readonly time: number; readonly end: number },
): boolean {
  // A departure beyond that horizon is no change once the horizon reaches it.
  const known = (departure: number): number => Math.min(departure, end);
  for (const [id, { energyKwh, departure, waits }] of now.sessions) {
    const then = before.sessions.get(id);
    if (then?.waits === true && !waits) return true;
    if (then === undefined || energyKwh > then.energyKwh + ANOTHER_KWH) return true;
    if (known(departure) !== known(then.departure)) return true;
  }
  for (const [id, { departure }] of before.sessions) if (!now.sessions.has(id) && departure > time) return true;
  for (const [id, { energyKwh, departure, anotherKwh }] of now.sites) {
    const then = before.sites.get(id);
    if (then === undefined) continue;
    // The first to leave changes as soon as one car has its energy: only an earlier departure is a change.
    if (energyKwh > then.energyKwh + anotherKwh || known(departure) < known(then.departure)) return true;
  }
  return false;
}
