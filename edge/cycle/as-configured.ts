import { TRANSFORMER } from '../control/model.ts';
import type { GuardState } from '../control/safety-memory.ts';
import type { ControlState } from '../control/state.ts';
import type { Site } from './step-types.ts';

/**
 * A state of before a start, under the configuration of now (`now`: plant time, ms UTC). What was found of a meter, or of a device's
 * relief, ends where its sign or scale has been set otherwise since: a meter that was put right must not be turned. The cloud is told, and
 * until it knows its word is not taken for the meter's. Bounds on devices that are gone end too.
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
    ...state,
    counts,
    ...(changed.length === 0
      ? {}
      : {
          countsSince: { ...state.countsSince, ...Object.fromEntries(changed.map((id) => [id, Math.round(now)])) },
          unheardCounts: [...new Set([...(state.unheardCounts ?? []), ...changed])],
        }),
    meterCheck: isAsBefore(TRANSFORMER) ? state.meterCheck : null,
    ...(state.liars === undefined
      ? {}
      : { liars: Object.fromEntries(Object.entries(state.liars).filter(([id]) => isAsBefore(id))) }),
    guard: ofThese(state.guard),
    grid: ofThese(state.grid),
  };
}
