import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { SeededRandom, type Random } from '../../shared/ports/random.ts';
import { between } from '../plant/chance.ts';
import type { Differences } from '../plant/spec.ts';
import type { Protocol } from './protocol.ts';
import type { Range, Scenario } from './scenario.ts';

/** An event at one moment; `atS` counts from the start of the run. */
export type CourseEvent =
  | {
      readonly kind: 'spike';
      readonly atS: number;
      readonly feeder: string;
      readonly share: number;
      readonly s: number;
    }
  | { readonly kind: 'dark'; readonly atS: number; readonly feeder: string; readonly s: number }
  | { readonly kind: 'wan' | 'access'; readonly atS: number; readonly s: number }
  | { readonly kind: 'gateway'; readonly atS: number; readonly substation: string; readonly s: number };

/** One run as drawn from its seed: the same for every arm. */
export interface Course {
  readonly seed: number;
  readonly scenario: string;
  readonly day: string;
  readonly startMs: number;
  readonly hours: number;
  readonly events: readonly CourseEvent[];
  readonly wan: { readonly latencyS: number; readonly lossShare: number };
  readonly shared: { readonly importKw: number; readonly exportKw: number };
  readonly differs: Differences;
  /** A device connected to another feeder than the model says; null for none. */
  readonly misplaced: { readonly substation: string; readonly device: string } | null;
  readonly lying: { readonly substation: string; readonly meter: string; readonly factor: number } | null;
  /** Load over the recorded load, whether or not history predicts it. */
  readonly loadFactor: number;
  readonly temperatureC: number;
  readonly sunSpread: number;
  /** Per feeder: minutes until a crew closes a tripped feeder head. */
  readonly crewMinutes: Readonly<Record<string, number>>;
}

const HOUR_S = 3600;
const START_H = { noon: 10, evening: 16 } as const;
/** Share of the run without events, in which control settles. */
const QUIET_SHARE = 0.25;
const SPIKE: Readonly<Record<'share' | 'minutes', Range>> = { share: [0.2, 1.5], minutes: [5, 30] };
/** Devices that may really be on the other feeder; each has a bus there. */
const MOVABLE = ['pv-1', 'battery-1', 'ev-1', 'flex-1'] as const;
const LIARS = ['transformer', 'feeder-1', 'feeder-2'] as const;
const LIE = 0.2;

export interface CourseOptions {
  readonly seed: number;
  readonly name: string;
  readonly scenario: Scenario;
  readonly hours: number;
}

/** Draws a run from its seed. Each quantity has its own random stream, so that adding or removing a scenario changes no other draw. */
export function drawCourse(protocol: Protocol, { seed, name, scenario, hours }: CourseOptions): Course {
  const { unit, days, plant, settings } = protocol;
  const chance = (stream: string): Random => new SeededRandom(seed, `prove/${stream}`);
  const drawn = (stream: string, range: Range | undefined, otherwise: number): number =>
    range === undefined ? otherwise : between(chance(stream), ...range);
  const day = days.test[(order(days.test.length)[(seed - 1) % days.test.length] ?? 0) % days.test.length]!;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (!Number.isFinite(midnight)) throw new LoadstoneError('LS-CONFIG-002', `days.test: "${day}" is not a date`);
  const window = scenario.window === 'either' ? (chance('window').next() < 0.5 ? 'noon' : 'evening') : scenario.window;
  const tap = chance('tap');
  const off = scenario.forecastOff === undefined ? 0 : drawn('forecast', scenario.forecastOff, 0);
  const sign = chance('forecast-sign').next() < 0.5 ? -1 : 1;
  const site = (stream: string): string => pick(chance(stream), unit.substations);
  const hidden = chance('hidden').next() < plant.hiddenSwitchShare;
  const hiddenFeeder = `${site('hidden-site')}-1`;
  return {
    seed,
    scenario: name,
    day,
    startMs: midnight + (hours >= 24 ? 0 : START_H[window] * HOUR_S * 1000),
    hours,
    events: events(scenario, { feeders: feedersOf(protocol), hours, chance, site }),
    wan: {
      latencyS: drawn('wan-latency', scenario.wan?.latencyS, settings.goodLink.latencyS),
      lossShare: drawn('wan-loss', scenario.wan?.lossShare, settings.goodLink.lossShare),
    },
    shared: {
      importKw: drawn('shared-import', scenario.sharedImportKw, unit.sharedImportKw),
      exportKw: drawn('shared-export', scenario.sharedExportKw, unit.sharedExportKw),
    },
    differs: {
      commonImpedanceSd: plant.commonImpedanceSd,
      lineImpedanceSd: plant.lineImpedanceSd,
      transformerImpedance: plant.transformerImpedance,
      tapSteps: Math.floor(tap.next() * (2 * plant.tapSteps + 1)) - plant.tapSteps,
      loadShare: plant.loadShare,
      powerFactor: plant.powerFactor,
      zip: plant.zip,
      silentShare: plant.silentDeviceShare,
      ...(hidden ? { exchange: { open: `${hiddenFeeder}-l7`, close: `${hiddenFeeder}-l33` } } : {}),
    },
    misplaced:
      chance('misplaced').next() < plant.misplacedDeviceShare
        ? { substation: site('misplaced-site'), device: pick(chance('misplaced-device'), MOVABLE) }
        : null,
    lying:
      scenario.lyingMeter === true || chance('lying').next() < plant.lyingMeterShare
        ? {
            substation: site('lying-site'),
            meter: pick(chance('lying-meter'), LIARS),
            factor: chance('lying-sign').next() < 0.5 ? 1 - LIE : 1 + LIE,
          }
        : null,
    loadFactor: drawn('load', scenario.loadFactor, 1) * (1 + sign * off),
    temperatureC: drawn('temperature', scenario.temperatureC, 0),
    sunSpread: drawn('sun', scenario.sunSpread, 1),
    crewMinutes: Object.fromEntries(
      feedersOf(protocol).map((feeder) => [feeder, between(chance(`crew/${feeder}`), ...plant.crewMinutes)]),
    ),
  };
}

export const feedersOf = ({ unit }: Protocol): string[] => unit.substations.flatMap((id) => [`${id}-1`, `${id}-2`]);

/** A permutation of the days: each is used once before any repeats. It is the same for all seeds. */
function order(count: number): number[] {
  const random = new SeededRandom(1, 'prove/days');
  const list = Array.from({ length: count }, (_, at) => at);
  for (let at = count - 1; at > 0; at--) {
    const other = Math.floor(random.next() * (at + 1));
    [list[at], list[other]] = [list[other]!, list[at]!];
  }
  return list;
}

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random.next() * list.length)]!;

interface Setting {
  readonly feeders: readonly string[];
  readonly hours: number;
  readonly chance: (stream: string) => Random;
  readonly site: (stream: string) => string;
}

function events(scenario: Scenario, { feeders, hours, chance, site }: Setting): CourseEvent[] {
  const list: CourseEvent[] = [];
  const runS = hours * HOUR_S;
  const wholeS = (random: Random, [least, most]: Range, unitS: number): number =>
    Math.max(1, Math.round(between(random, least, most) * unitS));
  const start = (random: Random): number => Math.round(between(random, QUIET_SHARE, 0.9) * runS);
  const once = (kind: string, range: Range | undefined, unitS: number): { atS: number; s: number } | undefined => {
    if (range === undefined) return undefined;
    const random = chance(kind);
    const s = wholeS(random, range, unitS);
    // Long events start early enough to take effect.
    return { s, atS: Math.round(between(random, QUIET_SHARE, Math.max(QUIET_SHARE, 0.9 - s / runS)) * runS) };
  };
  const { count, share = SPIKE.share, minutes = SPIKE.minutes, everyFeeder } = scenario.spikes;
  const random = chance('spikes');
  const many = Math.floor(between(random, count[0], count[1] + 1));
  for (let at = 0; at < Math.min(many, count[1]); at++) {
    const feeder = everyFeeder === true ? feeders[at % feeders.length]! : pick(random, feeders);
    const atS = start(random);
    list.push({ kind: 'spike', atS, feeder, share: between(random, ...share), s: wholeS(random, minutes, 60) });
  }
  const outage = once('wan-outage', scenario.wan?.outageHours, HOUR_S);
  if (outage !== undefined) list.push({ kind: 'wan', ...outage });
  const access = once('access', scenario.accessDownMinutes, 60);
  if (access !== undefined) list.push({ kind: 'access', ...access });
  const lost = once('gateway', scenario.gatewayLostMinutes, 60);
  if (lost !== undefined) list.push({ kind: 'gateway', substation: site('gateway-site'), ...lost });
  const dark = once('dark', scenario.darkMinutes, 60);
  if (dark !== undefined) list.push({ kind: 'dark', feeder: pick(chance('dark-feeder'), feeders), ...dark });
  const moved = once('transfer', scenario.transfer?.minutes, 60);
  if (moved !== undefined) {
    const share = between(chance('transfer-share'), ...scenario.transfer!.share);
    list.push({ kind: 'spike', feeder: pick(chance('transfer-feeder'), feeders), share, ...moved });
  }
  return list.sort((a, b) => a.atS - b.atS);
}
