import { quantilesOf } from '../../shared/forecast/quantiles.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import type { SubstationId } from '../data/names.ts';
import type { PlantSpec } from '../plant/spec.ts';
import { plantSpecs } from '../region/inputs.ts';
import { failsafeSumPct } from './guard-failsafe.ts';
import { falseFreezes, found } from './guard-findings.ts';
import { ProjectedGradient, rivalTunings, type RivalTuning } from './guard-rival.ts';
import { GuardWorld, idle, OwnGuard, type Controller, type GuardCase } from './guard-world.ts';
import type { BenchOptions } from './options.ts';

const DAY_MS = Date.UTC(2021, 8, 25);
const STATIONS: readonly SubstationId[] = ['owd', 'hal', 'lls', 'mnzl'];
const WARM_S = 45;
const AFTER_S = 60;
/** A head that stays under its limit for this long counts as relieved. */
const RELIEVED_S = 5;
const SLACK = 1.0005;
const OVER_PU = 1.1;
/** Relief is compared with the need in these seconds after the limit was exceeded, when relief is under way and nothing is released yet. */
const WEIGHED_S = [10, 20] as const;
const MARGIN = 0.01;

/** Result of one controller on one spike. */
interface Run {
  readonly headKw: readonly number[];
  readonly highestPu: readonly number[];
  readonly tripped: boolean;
}

interface Scored {
  readonly reliefS: number | null;
  readonly perNeed: number | null;
  readonly tripped: boolean;
  readonly secondsOver: number;
  readonly overshootPu: number;
}

/** A spike and the relief available to the levers, from the truth of an idle twin. */
interface Spike {
  readonly given: GuardCase;
  readonly idle: Run;
  /** Second in which the limit is exceeded without control; null if never. */
  readonly from: number | null;
  readonly needKw: number;
  readonly hasRoom: boolean;
  /** The devices that respond within a second suffice. */
  readonly isFast: boolean;
}

/**
 * The guard on the plant with noisy meters, against an idle guard and a projected-gradient feedback optimiser on the same seeds. Relays and
 * voltages use true values; nothing trips in the plant, so that twins stay comparable.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const specs = plantSpecs(STATIONS);
  const tuning = tuned(spikes(specs, { seeds: quick ? 2 : 4, first: 1000 }));
  say(`rival tuned: gain ${tuning.gain}, back ${tuning.back}`);
  const scored = spikes(specs, { seeds: quick ? 4 : 40, first: 1 });
  const arms = {
    idle: scored.map((spike) => score(spike, spike.idle)),
    guard: scored.map((spike) => score(spike, play(spike.given, new OwnGuard()))),
    rival: scored.map((spike) => score(spike, play(spike.given, new ProjectedGradient(tuning)))),
  };
  say('spikes played');
  const wrong = found(specs, quick);
  say('wrong signs simulated');
  const passed = scored.filter(({ from }) => from !== null).length;
  return {
    sigmaPct: sigmas(specs[0]!),
    spikes: { count: scored.length, passed, withRoom: scored.filter(({ hasRoom }) => hasRoom).length },
    ...summary(scored, arms.guard),
    tripsThatTheRivalAvoids: arms.guard.filter(({ tripped }, at) => tripped && !arms.rival[at]!.tripped).length,
    ...wrong,
    ...falseFreezes({ days: quick ? 0.1 : 60 }),
    failsafeSumPct: failsafeSumPct(),
    rivals: { idle: summary(scored, arms.idle), projectedGradient: { tuning, ...summary(scored, arms.rival) } },
  };
}

/** Standard errors of the meters by kind, % of reading; voltages have half of it. */
const sigmas = ({ meters }: PlantSpec): Record<string, number> =>
  Object.fromEntries(meters.map(({ kind, errorPct }) => [kind, errorPct]));

function spikes(specs: readonly PlantSpec[], { seeds, first }: { seeds: number; first: number }): Spike[] {
  return Array.from({ length: seeds }, (_, at) => {
    const seed = first + at;
    const random = new SeededRandom(seed);
    const draw = (low: number, high: number): number => low + (high - low) * random.next();
    const given: GuardCase = {
      spec: specs[at % specs.length]!,
      seed,
      startMs: DAY_MS + Math.round(draw(4, 22) * 3600) * 1000,
      feeder: 1 + (Math.floor(at / specs.length) % 2),
      share: draw(0.2, 1.5),
      spikeS: Math.round(draw(60, 120)),
    };
    const quiet = play(given, idle);
    const before = quiet.headKw[WARM_S - 1]!;
    const peak = Math.max(...quiet.headKw.slice(WARM_S, WARM_S + given.spikeS));
    const limitKw = Math.min(3000, Math.round(before + draw(0.4, 0.9) * (peak - before)));
    return judged({ ...given, limitKw: Math.max(limitKw, 50) }, quiet);
  });
}

function judged(given: GuardCase, quiet: Run): Spike {
  const limitKw = given.limitKw!;
  const from = quiet.headKw.findIndex((kw, second) => second >= WARM_S && kw > limitKw);
  const peak = Math.max(...quiet.headKw.slice(WARM_S, WARM_S + given.spikeS));
  const needKw = peak - limitKw;
  const world = new GuardWorld(given);
  for (let second = 0; second < WARM_S; second++) world.second(idle);
  let [room, fast] = [0, 0];
  for (const device of world.plant.truth().devices) {
    const spec = given.spec.devices.find(({ id }) => id === device.id);
    if (spec?.feeder !== `${given.spec.id}-${given.feeder}`) continue;
    if (spec.type === 'battery') {
      const soc = device.values['socPct'] ?? 0;
      if (soc <= spec.socMinPct + 1) continue;
      room += spec.powerKw;
      fast += spec.rampKwPerS;
    } else if (spec.type === 'ev-site') {
      const floor = spec.chargers * spec.floorKwPerSession;
      room += Math.max(0, device.activePowerKw - floor);
      fast += Math.max(0, device.activePowerKw - floor);
    } else if (spec.type === 'flexible-load') {
      room += Math.max(0, device.activePowerKw - spec.minimumKw);
      fast += Math.max(0, device.activePowerKw - spec.minimumKw);
    }
  }
  return {
    given,
    idle: quiet,
    from: from < 0 ? null : from,
    needKw,
    hasRoom: from >= 0 && room * 0.9 > needKw + MARGIN * limitKw,
    isFast: from >= 0 && fast * 0.9 > needKw,
  };
}

function play(given: GuardCase, controller: Controller): Run {
  const world = new GuardWorld(given);
  const headKw: number[] = [];
  const highestPu: number[] = [];
  for (let second = 0; second < WARM_S + given.spikeS + AFTER_S; second++) {
    if (second === WARM_S) world.spike();
    world.second(controller);
    headKw.push(world.headKw());
    highestPu.push(world.highestPu());
  }
  return { headKw, highestPu, tripped: world.tripped };
}

function score({ given, idle: quiet, from, hasRoom }: Spike, { headKw, highestPu, tripped }: Run): Scored {
  const limitKw = given.limitKw!;
  const end = WARM_S + given.spikeS;
  const under = (second: number): boolean => headKw[second]! <= SLACK * limitKw;
  let reliefS: number | null = null;
  for (let second = from ?? end; second < end - RELIEVED_S && reliefS === null; second++)
    if (Array.from({ length: RELIEVED_S }, (_, more) => second + more).every(under)) reliefS = second - from!;
  const after = highestPu.slice(end - 1);
  const [start, stop] = WEIGHED_S.map((at) => (from ?? 0) + at) as [number, number];
  const mean = (of: readonly number[]): number =>
    of.slice(start, stop).reduce((sum, kw) => sum + kw, 0) / (stop - start);
  const needed = mean(quiet.headKw) - limitKw + MARGIN * limitKw;
  return {
    reliefS,
    perNeed:
      from === null || !hasRoom || needed < 3 * MARGIN * limitKw ? null : (mean(quiet.headKw) - mean(headKw)) / needed,
    tripped,
    secondsOver: after.filter((pu, at) => pu > OVER_PU && quiet.highestPu[end - 1 + at]! <= OVER_PU).length,
    overshootPu: Math.max(...after),
  };
}

function summary(all: readonly Spike[], scored: readonly Scored[]): Record<string, unknown> {
  const at = (keep: (spike: Spike) => boolean): Scored[] => scored.filter((_, index) => keep(all[index]!));
  const passed = at(({ from }) => from !== null);
  const room = at(({ hasRoom }) => hasRoom);
  const calm = scored.filter(({ tripped }) => !tripped);
  return {
    reliefS: spread(room),
    reliefFastS: { ...spread(at(({ hasRoom, isFast }) => hasRoom && isFast)) },
    unrelievedShare: rounded(passed.filter(({ reliefS }) => reliefS === null).length / Math.max(1, passed.length)),
    unrelievedWithRoom: room.filter(({ reliefS }) => reliefS === null).length,
    relayTrips: scored.filter(({ tripped }) => tripped).length,
    reliefPerNeed: named(
      room.map(({ perNeed }) => perNeed).filter((value) => value !== null),
      [0.05, 0.5, 0.95],
    ),
    secondsOver110: Math.max(0, ...calm.map(({ secondsOver }) => secondsOver)),
    overshootPu: rounded(Math.max(...calm.map(({ overshootPu }) => overshootPu))),
  };
}

const spread = (scored: readonly Scored[]): Record<string, number | null> =>
  named(
    scored.map(({ reliefS }) => reliefS).filter((value) => value !== null),
    [0.5, 0.95],
  );

function named(values: readonly number[], levels: readonly number[]): Record<string, number | null> {
  const at = values.length === 0 ? levels.map(() => null) : quantilesOf(values, levels);
  return Object.fromEntries(
    levels.map((level, index) => [`p${Math.round(100 * level)}`, at[index] === null ? null : rounded(at[index]!)]),
  );
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** The rival's best tuning on cases that are not scored: least sum of relief time, trips and seconds of overvoltage. */
function tuned(all: readonly Spike[]): RivalTuning {
  const useful = all.filter(({ from }) => from !== null);
  const ranked = rivalTunings.map((tuning) => {
    const runs = useful.map((spike) => score(spike, play(spike.given, new ProjectedGradient(tuning))));
    const cost = runs.reduce(
      (sum, { reliefS, tripped, secondsOver }) => sum + (reliefS ?? 60) + 100 * Number(tripped) + 5 * secondsOver,
      0,
    );
    return { tuning, cost };
  });
  return ranked.toSorted((a, b) => a.cost - b.cost)[0]!.tuning;
}
