import { coverageOf, judgeCoverage } from '../../../shared/forecast/coverage.ts';
import { isWorse, type DuelScore } from '../../../shared/forecast/duel.ts';
import { formatMessage } from '../../../shared/sentences/message-forms.ts';
import type { DuelDay } from '../../../shared/contracts/duel-day.ts';
import { both, WRONG_COVERAGE } from './gate.ts';
import { DUEL_DAYS, judgeDuel, LEAST_DUEL_DAYS } from './judge-duel.ts';

/** Why a shadow is rolled out: it won its duel, or its incumbent expires soon. */
export type PromotionGround = 'duel' | 'age';

/** `out`: it is rolled out to the places of its release. */
export type ShadowVerdict =
  | { readonly to: 'rejected' | 'held'; readonly reason: string }
  | { readonly to: 'out'; readonly ground: PromotionGround; readonly reason: string };

interface Shadow {
  /** Whole days of the duel in the registry. */
  readonly days: readonly DuelDay[];
  /** Time in shadow, ms of plant time. */
  readonly ageMs: number;
  /** The incumbent expires soon, and the model may follow it if it is no worse: `maySucceed`. */
  readonly follows: boolean;
}

const DAY_MS = 86_400_000;
/** Until the first day of targets that forecasts of all leads reach is over. */
const LEAD_DAYS = 4;
const YOUNG_DAYS = 14;

/** The next state of a shadow model, and why; undefined: it stays in shadow. */
export function judgeShadow(duel: DuelScore, { days, ageMs, follows }: Shadow): ShadowVerdict | undefined {
  const losses = { own: duel.besideKw.toFixed(1), other: duel.answeringKw.toFixed(1), count: duel.n };
  const recent = formatMessage(
    'any',
    "in shadow its loss is {own} kW, the incumbent's {other} kW ({count} recent targets)",
    losses,
  );
  const coverage = duel.coverage && judgeCoverage(duel.coverage);
  if (coverage?.verdict === 'wrong') {
    const inShadow = formatMessage('any', 'in shadow {detail}', { detail: coverage.text });
    return { to: 'rejected', reason: `${WRONG_COVERAGE}: ${both(inShadow, recent)}` };
  }
  // More days would give an equal model more chances than the bound allows.
  const judgement = judgeDuel(days.slice(0, DUEL_DAYS));
  if (judgement.verdict === 'worse') {
    const reason = formatMessage(
      'any',
      "in shadow its loss is {own} kW, the incumbent's {other} kW ({count} recent targets), worse on {days} days",
      { ...losses, days: judgement.days },
    );
    return { to: 'rejected', reason };
  }
  const held = judgeCoverage(days.length > 0 ? coverageOf(days) : (duel.coverage ?? coverageOf([])));
  const reason = both(
    days.length > 0
      ? formatMessage(
          'any',
          "in shadow its loss is {share} % below the incumbent's on {days} days, {evidence} of what is sure",
          {
            share: (100 * judgement.gain).toFixed(1),
            days: judgement.days,
            evidence: judgement.evidence.toFixed(2),
          },
        )
      : recent,
    held.text,
  );
  if (judgement.verdict === 'better' && held.verdict === 'right') return { to: 'out', ground: 'duel', reason };
  // A gateway of an earlier version reports no days, and some no coverage.
  const isEarlier = duel.days === undefined;
  const isCovered = held.verdict === 'right' || (isEarlier && duel.coverage === undefined);
  const isLongEnough = isEarlier ? ageMs >= LEAST_DUEL_DAYS * DAY_MS : judgement.days >= LEAST_DUEL_DAYS;
  const isNoWorse = isLongEnough && !isWorse(duel.besideKw, duel.answeringKw, duel.standardErrorKw);
  if (follows && isNoWorse && isCovered) {
    const grounds = formatMessage('any', 'follows for age, not for a duel won: {grounds}', { grounds: reason });
    return { to: 'out', ground: 'age', reason: grounds };
  }
  if (days.length < DUEL_DAYS && ageMs <= (DUEL_DAYS + LEAD_DAYS) * DAY_MS) return undefined;
  return {
    to: 'held',
    reason: formatMessage('any', 'not shown to be better in {days} days: {grounds}', {
      days: DUEL_DAYS,
      grounds: reason,
    }),
  };
}

/**
 * A shadow keeps its place against a newer candidate while it is young or ahead, because a duel that restarts every week reaches no
 * verdict.
 */
export const isPromising = ({ days, ageMs }: Pick<Shadow, 'days' | 'ageMs'>): boolean =>
  ageMs < YOUNG_DAYS * DAY_MS || judgeDuel(days).gain > 0;
