import { UNSET_BEFORE_MS } from '../../shared/time/clock.ts';
import { TRANSFORMER } from '../control/model.ts';
import type { GuardState } from '../control/safety-memory.ts';
import type { ControlState } from '../control/state.ts';
import type { Site } from './step-types.ts';

/**
 * A state of before a start, under the configuration of now (`now`: plant time, ms UTC). What was found of a meter, or of a device's
 * relief, ends where its sign or scale has been set otherwise since: a meter that was put right must not be turned. The cloud is told, and
 * where it may hold the meter for reversed its word is not taken until it knows. Bounds on devices that are gone end too.
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
      // A check under way would take the change for an answer.
      ...(checks === undefined || changed.length > 0 ? {} : { checks }),
      ...(left.length === 0 ? {} : { findings: left }),
    };
  };
  return {
    ...rest,
    counts,
    ...keptSince(Object.fromEntries(since.filter(([id]) => id in counts)), now),
    ...(unheard.size === 0 ? {} : { unheardCounts: [...unheard] }),
    meterCheck: isAsBefore(TRANSFORMER) ? state.meterCheck : null,
    ...(state.liars === undefined
      ? {}
      : { liars: Object.fromEntries(Object.entries(state.liars).filter(([id]) => isAsBefore(id))) }),
    guard: ofThese(state.guard),
    grid: ofThese(state.grid),
  };
}

/** For so long it is told that a sign was set otherwise, ms: after that every cloud has heard of it. */
const TOLD_MS = 28 * 86_400_000;

/**
 * When signs were set otherwise, by id, without what is long past. A moment still to come, or of a clock that was not set, counts as now:
 * nobody knows better. While the clock is not set nothing is judged by it.
 */
export function keptSince(since: ControlState['countsSince'], now: number): Pick<ControlState, 'countsSince'> {
  const isSet = (at: number): boolean => at >= UNSET_BEFORE_MS;
  const kept = Object.entries(since ?? {})
    .map(([id, at]) => [id, isSet(now) ? Math.min(isSet(at) ? at : now, now) : at] as const)
    .filter(([, at]) => now - at < TOLD_MS);
  if (kept.length === 0) return {};
  return { countsSince: Object.fromEntries(kept.map(([id, at]) => [id, Math.round(at)])) };
}
