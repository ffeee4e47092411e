import { coverageOf, judgeCoverage } from '../../../shared/forecast/coverage.ts';
import { isWorse, type DuelScore } from '../../../shared/forecast/duel.ts';
import { formatMessage } from '../../../shared/sentences/message-forms.ts';
import type { DuelDay } from '../../../shared/contracts/duel-day.ts';
import { both, WRONG_COVERAGE } from './gate.ts';
import { DUEL_DAYS, judgeDuel, LEAST_DUEL_DAYS } from './judge-duel.ts';

export interface ShadowVerdict {
  /** `out`: it is rolled out to the places of its release. */
  readonly to: 'rejected' | 'held' | 'out';
  readonly reason: string;
}

interface Shadow {
  /** Whole days of the duel in the registry. */
  readonly days: readonly DuelDay[];
  /** Time in shadow, ms of plant time. */
  readonly ageMs: number;
  /** The incumbent expires soon: a model that is no worse follows it. */
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
  const judgement = judgeDuel(days);
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
  // A gateway of an earlier version reports no days.
  const isNoWorse =
    duel.days === undefined
      ? ageMs >= LEAST_DUEL_DAYS * DAY_MS && !isWorse(duel.besideKw, duel.answeringKw, duel.standardErrorKw)
      : judgement.days >= LEAST_DUEL_DAYS;
  const isReady =
    (judgement.verdict === 'better' && held.verdict === 'right') || (follows && isNoWorse && held.verdict !== 'wrong');
  if (isReady) return { to: 'out', reason };
  if (ageMs <= (DUEL_DAYS + LEAD_DAYS) * DAY_MS) return undefined;
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
