import { coverageOf, judgeCoverage } from '../../../shared/forecast/coverage.ts';
import { isWorse, type DuelScore } from '../../../shared/forecast/duel.ts';
import { tells } from '../../../shared/sentences/told-forms.ts';
import type { DuelDay } from '../../../shared/contracts/duel-day.ts';
import { WRONG_COVERAGE } from './gate.ts';
import { DUEL_DAYS, judgeDuel, LEAST_DUEL_DAYS } from './judge-duel.ts';

export interface ShadowVerdict {
  /** `out`: it is let out to the places of its release. */
  readonly to: 'rejected' | 'held' | 'out';
  readonly reason: string;
}

interface Shadow {
  /** Whole days of the duel that the registry keeps. */
  readonly days: readonly DuelDay[];
  /** Since it runs in shadow, ms of plant time. */
  readonly ageMs: number;
  /** The incumbent expires soon: what is no worse follows it. */
  readonly follows: boolean;
}

const DAY_MS = 86_400_000;
/** Before the first day of targets that forecasts of all leads reach is over. */
const LEAD_DAYS = 4;
const YOUNG_DAYS = 14;

/** What becomes of a model that has run in shadow for long enough, and why; undefined: it goes on. */
export function judgeShadow(duel: DuelScore, { days, ageMs, follows }: Shadow): ShadowVerdict | undefined {
  const losses = { own: duel.besideKw.toFixed(1), other: duel.answeringKw.toFixed(1), count: duel.n };
  const recent = tells(
    'any',
    "in shadow its loss is {own} kW, the incumbent's {other} kW ({count} recent targets)",
    losses,
  );
  const coverage = duel.coverage && judgeCoverage(duel.coverage);
  if (coverage?.verdict === 'wrong') {
    const inShadow = tells('any', 'in shadow {detail}', { detail: coverage.text });
    return { to: 'rejected', reason: `${WRONG_COVERAGE}: ${both(inShadow, recent)}` };
  }
  const told = judgeDuel(days);
  if (told.verdict === 'worse') {
    const reason = tells(
      'any',
      "in shadow its loss is {own} kW, the incumbent's {other} kW ({count} recent targets), worse on {days} days",
      { ...losses, days: told.days },
    );
    return { to: 'rejected', reason };
  }
  const held = judgeCoverage(days.length > 0 ? coverageOf(days) : (duel.coverage ?? coverageOf([])));
  const reason = both(
    days.length > 0
      ? tells(
          'any',
          "in shadow its loss is {share} % below the incumbent's on {days} days, {evidence} of what is sure",
          {
            share: (100 * told.gain).toFixed(1),
            days: told.days,
            evidence: told.evidence.toFixed(2),
          },
        )
      : recent,
    held.text,
  );
  // A gateway of before tells no days.
  const isNoWorse =
    duel.days === undefined
      ? ageMs >= LEAST_DUEL_DAYS * DAY_MS && !isWorse(duel.besideKw, duel.answeringKw, duel.standardErrorKw)
      : told.days >= LEAST_DUEL_DAYS;
  const isReady =
    (told.verdict === 'better' && held.verdict === 'right') || (follows && isNoWorse && held.verdict !== 'wrong');
  if (isReady) return { to: 'out', reason };
  if (ageMs <= (DUEL_DAYS + LEAD_DAYS) * DAY_MS) return undefined;
  return {
    to: 'held',
    reason: tells('any', 'not shown to be better in {days} days: {grounds}', { days: DUEL_DAYS, grounds: reason }),
  };
}

/** A shadow keeps its place against a newer candidate while it is young or leads: a duel that starts anew each week tells nothing. */
export const isPromising = ({ days, ageMs }: Pick<Shadow, 'days' | 'ageMs'>): boolean =>
  ageMs < YOUNG_DAYS * DAY_MS || judgeDuel(days).gain > 0;

const both = (what: string, detail: string): string => tells('any', '{what}; {detail}', { what, detail });
