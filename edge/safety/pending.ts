import type { GuardPending } from '../control/safety-memory.ts';

/** Time constant of the mean violation, s: as steady as a mean over 60 s. */
const MEAN_S = 30;
export const LONG_AGO_S = 1e6;
/** After this long without relief, swings and relapses are forgotten, s. */
export const QUIET_S = 600;

export interface AdvanceInput {
  readonly stepS: number;
  readonly response: number;
  /** Standard error of the meter. */
  readonly sigma: number;
  /** What levers are visibly still moving to give, in the limit's unit. */
  readonly coming: number;
}

/**
 * Pending relief on one side of a limit after a cycle. It shrinks by what the meter has shown since the request. After the response
 * time it ends, except for what levers are visibly still moving. The mean violation passes pending relief through the same filter
 * as the measurement: relief in progress counts as arrived, so a slow mean never requests it twice.
 */
export function advance(
  before: GuardPending | undefined,
  over: number,
  { stepS, response, sigma, coming }: AdvanceInput,
): GuardPending {
  const first = Math.min(over, -3 * sigma);
  const entry = before ?? { amount: 0, ageS: LONG_AGO_S, last: over, silentS: 0, mean: first };
  const ageS = Math.min(entry.ageS + stepS, LONG_AGO_S);
  const { asked = entry.amount, from = entry.last } = entry;
  const left = Math.max(0, asked - Math.max(0, from - over));
  const amount = ageS >= response ? Math.min(left, coming) : left;
  const quiet = ageS >= QUIET_S;
  const mean = entry.mean !== undefined && Number.isFinite(entry.mean) ? entry.mean : first;
  return {
    amount,
    ageS,
    last: over,
    asked,
    from,
    mean: mean + (1 - Math.exp(-stepS / MEAN_S)) * (over - amount - mean),
    silentS: 0,
    clear: entry.clear === true || over <= 0,
    swings: quiet ? 0 : (entry.swings ?? 0),
    relapses: quiet ? 0 : (entry.relapses ?? 0),
  };
}

/** Records relief that was just requested, by the measured excess or by its mean. */
export function request(entry: GuardPending, given: number, isMeasured: boolean): void {
  const { mean = entry.last } = entry;
  entry.amount += given;
  Object.assign(entry, { ageS: 0, asked: entry.amount, from: entry.last });
  entry.mean = isMeasured ? Math.min(mean, entry.last - entry.amount) : mean - given;
}
