import type { GuardBound } from '../control/safety-memory.ts';
import { reachOf, type GuardLever, type Intervention, type WatchedValue } from './guard-types.ts';
import { directionOf, effective, reference, type Side } from './relief.ts';

interface LeftInput {
  readonly limit: WatchedValue;
  readonly side: Side;
  /** Relief requested, and relief given, in the limit's unit. */
  readonly need: number;
  readonly given: number;
  /** The levers including their batteries' reserves. */
  readonly levers: readonly GuardLever[];
  /** The levers as this limit may use them, by key. */
  readonly usable: ReadonlyMap<string, GuardLever>;
  /** Bounds after the relief. */
  readonly bounds: ReadonlyMap<string, GuardBound>;
  readonly isFrozen: (lever: string) => boolean;
  readonly response: number;
}

/** Less than this share of the need is nothing. */
const LEAST_SHARE = 0.02;
const MET = 0.999;

/** What prevents relief that levers still have: the reason that holds back most. Undefined: nothing is left, or the need is met. */
export function leftOf(input: LeftInput): Intervention['left'] {
  const { limit, side, need, given, bounds, usable, isFrozen, response } = input;
  if (given >= MET * need) return undefined;
  const amounts = { limit: 0, reserve: 0, lost: 0, found: 0 };
  for (const lever of effective(limit, input.levers)) {
    const direction = directionOf(limit, lever, side);
    const bound = bounds.get(lever.key);
    if (direction === undefined || bound === undefined || !Number.isFinite(lever.value)) continue;
    const from = reference({ lever, bound, direction });
    const roomOf = ({ span }: GuardLever): number => Math.max(0, direction < 0 ? from - span.minKw : span.maxKw - from);
    const effect = Math.abs(reachOf(limit, lever));
    const room = effect * roomOf(lever);
    const own = usable.get(lever.key);
    if (isFrozen(lever.key)) amounts.found += room;
    else if (bound.missS >= 2 * response) amounts.lost += effect * Math.abs(lever.value - from) + room;
    else {
      const open = own === undefined ? 0 : effect * roomOf(own);
      amounts.limit += Math.min(open, room);
      amounts.reserve += Math.max(0, room - open);
    }
  }
  const [most] = (Object.entries(amounts) as [NonNullable<Intervention['left']>, number][]).toSorted(
    ([, one], [, other]) => other - one,
  );
  return most !== undefined && most[1] > LEAST_SHARE * need ? most[0] : undefined;
}
