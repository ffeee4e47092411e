import { TRANSFORMER } from '../control/model.ts';
import type { GuardState } from '../control/safety-memory.ts';
import type { ControlState } from '../control/state.ts';
import type { Site } from './step-types.ts';

/**
 * A state of before a start, under the configuration of now. What was found of a meter ends where its sign or scale has been set otherwise
 * since: a meter that was put right must not be turned. Bounds on devices that are gone end too.
 */
export function asConfigured(state: ControlState, { elements, specs }: Pick<Site, 'elements' | 'specs'>): ControlState {
  const counts = Object.fromEntries(elements.map(({ id, counts: own = '' }) => [id, own]));
  const isAsBefore = (id: string): boolean => state.counts?.[id] === undefined || state.counts[id] === counts[id];
  const devices = new Set(specs.map(({ id }) => id));
  const ofThese = (guard: GuardState): GuardState => ({
    ...guard,
    bounds: Object.fromEntries(Object.entries(guard.bounds).filter(([key]) => devices.has(key.split(':')[0]!))),
  });
  return {
    ...state,
    counts,
    meterCheck: isAsBefore(TRANSFORMER) ? state.meterCheck : null,
    ...(state.liars === undefined
      ? {}
      : { liars: Object.fromEntries(Object.entries(state.liars).filter(([id]) => isAsBefore(id))) }),
    guard: ofThese(state.guard),
    grid: ofThese(state.grid),
  };
}
