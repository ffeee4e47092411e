import { askable } from '../../forecast/registry/lifecycle.ts';
import type { RegistryEntry } from '../../forecast/registry/registry.ts';
import type { ApiDeps } from '../deps.ts';
import { shownDetail } from './shape.ts';

/** A model with what may follow, its live errors and its life so far. */
export const modelDetail = (entry: RegistryEntry, deps: Pick<ApiDeps, 'rollout' | 'models' | 'drift'>) =>
  shownDetail(entry, {
    next: askable(entry.state),
    duel: deps.rollout.duel(entry),
    waiting: deps.rollout.waiting(entry.manifest.id),
    drift: deps.drift(entry.manifest.target),
    transitions: deps.models.transitions(entry.manifest.id),
  });
