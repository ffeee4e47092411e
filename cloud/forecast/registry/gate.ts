import { coverageOf, judgeCoverage } from '../../../shared/forecast/coverage.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { formatMessage } from '../../../shared/sentences/message-forms.ts';
import type { DayScore } from '../../../shared/forecast/evaluate.ts';
import { skillOver } from '../../../shared/forecast/skill.ts';

/** What answers without a model: the cloud's fallback, or the gateway's baseline. */
export type Standing = 'sameHourMean' | 'seasonalNaive';

export interface GateRule {
  readonly standing: Standing;
  /** The first model of a place must pass the full comparison too; for models trained elsewhere. */
  readonly strict?: boolean;
  /** The incumbent expires soon: a candidate that is not certainly worse may follow it. */
  readonly isAgeing?: boolean;
}

export interface Gain {
  /** Whole days that both have. */
  readonly days: number;
  /** 1 - loss / other loss, and its 95 % interval by a bootstrap over blocks of days, because errors of consecutive days are correlated. */
  readonly gain: number;
  readonly ci95: readonly [number, number];
}

export interface GateReport {
  readonly passes: boolean;
  /** Code of a fault that no gain outweighs. */
  readonly code?: typeof WRONG_COVERAGE | undefined;
  readonly reason: string;
  readonly baseline: Gain & { readonly name: string };
  /** Null if there is no incumbent. */
  readonly incumbent: Gain | null;
}

/** Its bands contain too few or too many of the targets. */
export const WRONG_COVERAGE = 'LS-MODEL-015';

const BASELINES = ['seasonalNaive', 'seasonalNaiveWeek', 'sameHourMean'] as const;
/** A forecast covers two days, and weather persists (Politis and Romano, circular blocks, 1992). */
const BLOCK_DAYS = 3;
/** Most days that the gate looks at, and the fewest that both models must have. */
const WINDOW_DAYS = 28;
export const LEAST_DAYS = 7;

/**
 * Admits a model to the shadow that is certainly better than the best baseline and, on average, than the incumbent, on days that neither
 * was trained on. The shadow has to show that it is truly better than the incumbent (`judgeDuel`). The first model of a place only has to
 * be better, on average, than what answers without one; under a strict rule, it too has to be certainly better than the best baseline. A
 * model whose bands are certainly too narrow or too wide never passes: `judgeCoverage`.
 */
export function gate(
  candidate: readonly DayScore[],
  incumbent: readonly DayScore[] | undefined,
  rule: GateRule,
): GateReport {
  const days = candidate.toSorted((a, b) => a.day - b.day).slice(-WINDOW_DAYS);
  const compared = compareWith(days, incumbent, rule);
  const coverage = judgeCoverage(coverageOf(days));
  const fault = coverage.verdict === 'wrong' ? `${WRONG_COVERAGE}: ` : '';
  return {
    ...compared,
    passes: compared.passes && coverage.verdict !== 'wrong',
    ...(fault === '' ? {} : { code: WRONG_COVERAGE }),
    reason: fault === '' ? both(compared.reason, coverage.text) : `${fault}${both(coverage.text, compared.reason)}`,
  };
}

function compareWith(
  days: readonly DayScore[],
  incumbent: readonly DayScore[] | undefined,
  { standing, strict = false, isAgeing = false }: GateRule,
): GateReport {
  if (incumbent === undefined && !strict) {
    const baseline = { name: standing, ...gainOver(days, (day) => day[standing]) };
    const passes = baseline.days > 0 && baseline.gain > 0;
    const reason = formatMessage('any', 'the first of its target; {detail}', { detail: shown(baseline, standing) });
    return { passes, reason, baseline, incumbent: null };
  }
  const sum = (name: (typeof BASELINES)[number]): number => days.reduce((total, day) => total + day[name], 0);
  const best = BASELINES.reduce((least, name) => (sum(name) < sum(least) ? name : least));
  const baseline = { name: best, ...gainOver(days, (day) => day[best]) };
  const beside = incumbent === undefined ? null : gainBeside(days, incumbent);
  const lacks = [baseline, ...(beside === null ? [] : [beside])].some((gain) => gain.days < LEAST_DAYS);
  const isBetter = beside === null || (isAgeing ? beside.ci95[1] : beside.gain) > 0;
  const passes = !lacks && isBetter && baseline.ci95[0] > 0;
  const own = shown(baseline, best);
  const detail = beside === null ? own : both(shown(beside, formatMessage('any', 'the incumbent')), own);
  const reason = lacks
    ? formatMessage('any', 'fewer than {days} days to compare on: {detail}', { days: LEAST_DAYS, detail })
    : isAgeing && passes
      ? formatMessage('any', 'the incumbent expires soon: {detail}', { detail })
      : detail;
  return { passes, reason, baseline, incumbent: beside };
}

/** Over the days that both have, per scored target. */
function gainBeside(days: readonly DayScore[], incumbent: readonly DayScore[]): Gain {
  const before = new Map(incumbent.map((day) => [day.day, day]));
  return gainOver(
    days.filter(({ day }) => before.has(day)),
    ({ day, n }) => (before.get(day)!.model / before.get(day)!.n) * n,
  );
}

function gainOver(days: readonly DayScore[], other: (day: DayScore) => number): Gain {
  if (days.length === 0) return { days: 0, gain: 0, ci95: [0, 0] };
  const pairs = days.map((day) => ({ own: day.model, other: other(day) }));
  const { skill, ci95 } = skillOver(pairs, { random: new SeededRandom(1, 'gate'), blockDays: BLOCK_DAYS });
  return { days: days.length, gain: skill, ci95 };
}

const percent = (share: number): string => (100 * share).toFixed(1);
export const both = (what: string, detail: string): string =>
  formatMessage('any', '{what}; {detail}', { what, detail });

function shown({ gain, ci95, days }: Gain, who: string): string {
  const figures = { share: percent(Math.abs(gain)), who, low: percent(ci95[0]), high: percent(ci95[1]), days };
  return gain >= 0
    ? formatMessage('any', '{share} % better than {who} (95 %: {low} % to {high} %, {days} days)', figures)
    : formatMessage('any', '{share} % worse than {who} (95 %: {low} % to {high} %, {days} days)', figures);
}
