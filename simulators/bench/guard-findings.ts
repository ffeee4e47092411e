import { emptyGuardState } from '../../edge/control/safety-memory.ts';
import { guard } from '../../edge/safety/guard.ts';
import type { GuardLever } from '../../edge/safety/guard-types.ts';
import { gaussian, SeededRandom } from '../../shared/ports/random.ts';
import type { PlantSpec } from '../plant/spec.ts';
import { GuardWorld, idle, OwnGuard, type GuardCase } from './guard-world.ts';

const START_MS = Date.UTC(2021, 8, 25, 3);
const WARM_S = 30;
const PLAYED_S = 150;
const RESPONSE_S = 4;
const BATTERIES = ['battery-1', 'battery-2', 'battery-3'] as const;

interface Played {
  /** Response times from the first relief to the verdict; null without a verdict. */
  readonly responses: number | null;
  readonly verdict: string;
  /** Sound levers that were blamed. */
  readonly blamed: readonly string[];
}

/** How fast the guard finds one lying lever among k, and its verdict on a device that is on another feeder and on a lying head meter. */
export function found(specs: readonly PlantSpec[], quick: boolean): Record<string, unknown> {
  const seeds = quick ? 1 : 2;
  const over = (k: number, more: Partial<GuardCase>): Played[] =>
    specs
      .slice(0, quick ? 1 : 4)
      .flatMap((spec) => Array.from({ length: seeds }, (_, at) => playCase(spec, { seed: 1 + at, k, ...more })));
  const worst = (played: readonly Played[]): number | null =>
    played.some(({ responses }) => responses === null) ? null : Math.max(...played.map(({ responses }) => responses!));
  const verdictCounts = (played: readonly Played[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { verdict } of played) counts[verdict] = (counts[verdict] ?? 0) + 1;
    return counts;
  };
  const [one, two] = [1, 2].map((k) => over(k, { turned: ['battery-1'] }));
  // Two sound levers outweigh a single reversed one, so two of three are reversed here.
  const three = over(3, { turned: ['battery-1', 'battery-2'] });
  const elsewhere = over(1, { elsewhere: ['battery-1'] });
  const oneElsewhere = over(2, { elsewhere: ['battery-1'] });
  const lying = over(2, { lyingHead: true });
  return {
    wrongSignFoundResponses: { k1: worst(one!), k2: worst(two!), k3TwoTurned: worst(three) },
    wrongSign: { k1: verdictCounts(one!), k2: verdictCounts(two!), k3TwoTurned: verdictCounts(three) },
    blamedWrongly: [...one!, ...two!, ...three, ...elsewhere, ...oneElsewhere].reduce(
      (sum, { blamed }) => sum + blamed.length,
      0,
    ),
    deviceOnAnotherFeeder: { responses: worst(elsewhere), ...verdictCounts(elsewhere) },
    oneOfTwoOnAnotherFeeder: { responses: worst(oneElsewhere), ...verdictCounts(oneElsewhere) },
    lyingHead: { responses: worst(lying), ...verdictCounts(lying) },
  };
}

function playCase(spec: PlantSpec, { seed, k, ...more }: { seed: number; k: number } & Partial<GuardCase>): Played {
  const levers = BATTERIES.slice(0, k);
  const base: GuardCase = {
    spec,
    seed,
    startMs: START_MS,
    feeder: 1,
    share: 0.3,
    spikeS: PLAYED_S,
    levers,
    isUnmapped: k > 1,
    ...more,
  };
  const quiet = new GuardWorld(base);
  for (let second = 0; second < WARM_S; second++) quiet.second(idle);
  const headKw = quiet.headKw();
  const given: GuardCase =
    more.lyingHead === true
      ? { ...base, share: 0, exportKw: Math.round(Math.max(50, 0.9 * headKw)) }
      : { ...base, limitKw: Math.round(1.05 * headKw) };
  const world = new GuardWorld(given);
  const guard = new OwnGuard();
  let asked: number | null = null;
  for (let second = 0; second < PLAYED_S; second++) {
    if (second === WARM_S && given.share > 0) world.spike();
    world.second(guard);
    if (asked === null && (guard.last?.interventions.length ?? 0) > 0) asked = second;
    const findings = guard.last?.findings ?? [];
    const wrong = [...(more.turned ?? []), ...(more.elsewhere ?? [])];
    const right = findings.filter(({ lever }) => more.lyingHead === true || wrong.some((id) => lever.startsWith(id)));
    if (right.length > 0)
      return {
        responses: asked === null ? null : (second - asked) / RESPONSE_S,
        verdict: right[0]!.verdict,
        blamed: findings.filter((each) => !right.includes(each)).map(({ lever }) => lever),
      };
  }
  return { responses: null, verdict: 'never', blamed: (guard.last?.findings ?? []).map(({ lever }) => lever) };
}

/** Every quarter of an hour a rough start: for `s` seconds the load jumps every few seconds by as much as the levers move. */
const ROUGH = { everyS: 900, s: 40, jumpS: [2, 6], meanKw: 250, sdKw: 200 } as const;

/** Days of sound levers under a head that repeatedly exceeds its limit, with meter noise, load jumps and ramps. */
export function falseFreezes({ days, seed = 1 }: { days: number; seed?: number }): Record<string, unknown> {
  const levers = 7;
  const random = new SeededRandom(seed);
  let seen: ReadonlySet<string> = new Set();
  let [state, freezes, trials] = [emptyGuardState(), 0, 0];
  let [load, jump, rough, nextJump] = [1000, 0, 0, 0];
  const does = Array.from({ length: levers }, () => 0);
  const settings = { responseS: 3, marginPct: 1, releaseKwPerS: 20, meterErrorPct: 0.25 };
  const perKw = new Map(does.map((_, at) => [`d${at}`, 0.9 + (0.2 * at) / levers]));
  for (let second = 0; second < days * 86_400; second++) {
    // Slow drift, motor starts and steps of the load.
    load += 0.01 * (1000 - load) + 4 * gaussian(random);
    jump = random.next() < 1 / 600 ? 300 * random.next() : random.next() < 1 / 120 ? 0 : jump;
    if (second % ROUGH.everyS >= ROUGH.s) rough = 0;
    else if (second >= nextJump) {
      rough = ROUGH.meanKw + ROUGH.sdKw * gaussian(random);
      nextJump = second + ROUGH.jumpS[0] + Math.floor((ROUGH.jumpS[1] - ROUGH.jumpS[0] + 1) * random.next());
    }
    const kw = load + jump + rough + does.reduce((sum, each) => sum + each, 0);
    const value = kw * (1 + 0.0025 * gaussian(random));
    const head = { id: 'head', element: 'feeder-1', quantity: 'activePowerKw' as const, min: -1050, max: 1050, value };
    const result = guard([{ ...head, perKw, perKvar: new Map(), mapped: true }], does.map(leverOf), state, {
      settings,
      stepS: 1,
    });
    state = result.state;
    const findings = state.findings ?? [];
    for (const { lever, verdict } of findings) {
      if (seen.has(lever)) continue;
      trials++;
      if (verdict !== 'undecided' && verdict !== 'right') freezes++;
    }
    seen = new Set(findings.map(({ lever }) => lever));
    for (const at of does.keys()) {
      const { minKw, maxKw } = result.ranges.get(`d${at}:p`) ?? { minKw: -100, maxKw: 100 };
      const commandedKw = Math.max(minKw, Math.min(maxKw, 0));
      does[at] = does[at]! + Math.max(-40, Math.min(40, commandedKw - does[at]!));
    }
  }
  const leverDays = days * levers;
  return {
    falseFreezesPer1000LeverDays: (1000 * freezes) / leverDays,
    falseFreezes: { freezes, trials, leverDays, upperBoundIfNone: 3000 / leverDays },
  };
}

const leverOf = (value: number, at: number): GuardLever => ({
  key: `d${at}:p`,
  device: `d${at}`,
  kind: 'p',
  value,
  ageS: 0,
  commanded: value,
  span: { minKw: -100, maxKw: 100 },
  moves: 'both',
  safe: 0,
  goal: 0,
  cost: 1 + at,
});
