import type { GuardBound, GuardCalm, GuardState } from '../control/safety-memory.ts';
import type { GuardLever, WatchedValue } from './guard-types.ts';

/** Time constant of the remembered means, s. */
const CALM_S = 30;
/** Remembered values are no guide after this long, s. */
const KNOWN_S = 900;

/**
 * Means of voltages and lever values while the guard holds nothing: what would come back if the relieved load vanished. They are
 * frozen while the guard holds something, and forgotten after a quarter of an hour.
 */
export function calmOf(
  { calm, bounds: held }: GuardState,
  { terminals, levers, stepS }: { terminals: readonly WatchedValue[]; levers: readonly GuardLever[]; stepS: number },
): GuardCalm | undefined {
  if (Object.keys(held).length > 0)
    return calm === undefined || calm.heldS > KNOWN_S ? undefined : { ...calm, heldS: calm.heldS + stepS };
  const share = calm === undefined || calm.heldS > 0 ? 1 : 1 - Math.exp(-stepS / CALM_S);
  const mean = (before: number | undefined, now: number): number =>
    before === undefined ? now : before + share * (now - before);
  const seen = (
    entries: readonly (readonly [string, number | null])[],
    before: Readonly<Record<string, number>> = {},
  ) =>
    Object.fromEntries(
      entries.flatMap(([id, now]) =>
        now === null || !Number.isFinite(now) ? [] : [[id, mean(before[id], now)] as const],
      ),
    );
  return {
    heldS: 0,
    pu: seen(
      terminals.map(({ id, value }) => [id, value] as const),
      calm?.pu,
    ),
    levers: seen(
      levers.map(({ key, value }) => [key, value] as const),
      calm?.levers,
    ),
  };
}

/** Value that a lever is moving to under its bound, kW or kvar. */
export const towards = ({ value }: GuardLever, { min, max }: GuardBound): number =>
  Math.max(min ?? -Infinity, Math.min(max ?? Infinity, value));
