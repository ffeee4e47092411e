import { askable } from '../../models/lifecycle.ts';
import type { RegistryEntry } from '../../models/registry.ts';
import type { ApiDeps } from '../deps.ts';
import { shownDetail } from './shape.ts';

/** A model with what may follow, its live errors and its life so far. */
export const modelDetail = (entry: RegistryEntry, deps: Pick<ApiDeps, 'rollout' | 'models' | 'drift'>) =>
  shownDetail(entry, {
    next: askable(entry.state),
    duel: deps.rollout.duel(entry),
<<<<<<< HEAD
    waiting: deps.rollout.waiting(entry.manifest.id),
=======
    drift: deps.drift(entry.manifest.target),
>>>>>>> a034195 (Watch what models are fed with and their errors, and let them age: drift is told once and asks for a retraining, an expired model gives way to the linear member)
    transitions: deps.models.transitions(entry.manifest.id),
  });
