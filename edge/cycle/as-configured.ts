import { UNSET_BEFORE_MS } from '../../shared/time/clock.ts';
import { TRANSFORMER } from '../control/model.ts';
import type { GuardState } from '../control/safety-memory.ts';
import type { ControlState } from '../control/state.ts';
import type { Site } from './step-types.ts';

/**
 * Adapts a state from before a restart to the current configuration (`now`: plant time, ms UTC). If the sign or scale of a meter or
 * device has changed, findings about it are dropped: a corrected meter must not be inverted again. The cloud learns of the change.
 * If it may still take the meter for reversed, its finding is ignored until it knows. Bounds on removed devices are dropped too.
 */
export function asConfigured(
  state: ControlState,
  { elements, specs }: Pick<Site, 'elements' | 'specs'>,
  now: number,
): ControlState {
  const counts = Object.fromEntries([...elements, ...specs].map(({ id, counts: own = '' }) => [id, own]));
  const changed = Object.keys(counts).filter(
    (id) => state.counts?.[id] !== undefined && state.counts[id] !== counts[id],
  );
  const isAsBefore = (id: string): boolean => !changed.includes(id);
  const wasReversed = (id: string): boolean =>
    state.liars?.[id] === 'reversed' || (id === TRANSFORMER && state.meterCheck?.finding === 'reversed');
  const { countsSince, unheardCounts = [], ...rest } = state;
  const unheard = new Set([...unheardCounts, ...changed.filter(wasReversed)].filter((id) => id in counts));
  const since = Object.entries({ ...countsSince, ...Object.fromEntries(changed.map((id) => [id, now])) });
  const devices = new Set(specs.map(({ id }) => id));
  const ofThese = ({ checks, findings = [], ...guard }: GuardState): GuardState => {
    const left = findings.filter(({ element, lever }) => isAsBefore(element) && isAsBefore(lever.split(':')[0]!));
    return {
      ...guard,
      bounds: Object.fromEntries(Object.entries(guard.bounds).filter(([key]) => devices.has(key.split(':')[0]!))),
      // A check in progress would mistake the change for a response.
      ...(checks === undefined || changed.length > 0 ? {} : { checks }),
      ...(left.length === 0 ? {} : { findings: left }),
    };
  };
  return {
    ...rest,
    counts,
    ...recentSignChanges(Object.fromEntries(since.filter(([id]) => id in counts)), now),
    ...(unheard.size === 0 ? {} : { unheardCounts: [...unheard] }),
    meterCheck: isAsBefore(TRANSFORMER)
      ? checkOf(
          state.meterCheck,
          elements.every(({ id }) => isAsBefore(id)),
        )
      : null,
    ...(state.liars === undefined
      ? {}
      : { liars: Object.fromEntries(Object.entries(state.liars).filter(([id]) => isAsBefore(id))) }),
    guard: ofThese(state.guard),
    grid: ofThese(state.grid),
  };
}

/** What the samples of the heads have shown so far counts only if no head has changed. The finding itself stays. */
function checkOf(check: ControlState['meterCheck'], isAsBefore: boolean): ControlState['meterCheck'] {
  if (check === null || isAsBefore) return check;
  const { move: _move, suspects: _suspects, ...rest } = check;
  return { ...rest, heads: {} };
}

/** How long a changed sign is reported, ms. By then every cloud has heard of it. */
const REPORT_FOR_MS = 28 * 86_400_000;

/**
 * When signs were changed, by id, without entries older than `REPORT_FOR_MS`. A time in the future, or from an unset clock, becomes
 * `now`, the best estimate available. While the clock itself is unset, all entries stay as they are.
 */
export function recentSignChanges(since: ControlState['countsSince'], now: number): Pick<ControlState, 'countsSince'> {
  const isSet = (at: number): boolean => at >= UNSET_BEFORE_MS;
  const recent = Object.entries(since ?? {})
    .map(([id, at]) => [id, isSet(now) ? Math.min(isSet(at) ? at : now, now) : at] as const)
    .filter(([, at]) => now - at < REPORT_FOR_MS);
  if (recent.length === 0) return {};
  return { countsSince: Object.fromEntries(recent.map(([id, at]) => [id, Math.round(at)])) };
}
