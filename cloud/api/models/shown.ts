import { askable } from '../../forecast/registry/lifecycle.ts';
import type { RegistryEntry } from '../../forecast/registry/registry.ts';
import type { ApiDeps } from '../deps.ts';
import { shownDetail } from './shape.ts';

/** Returns a model with its possible next states, its live errors and its history. */
export async function modelDetail(entry: RegistryEntry, { models, owner }: Pick<ApiDeps, 'models' | 'owner'>) {
  const [duel, waiting, drift, transitions] = await Promise.all([
    owner.models.duel(entry),
    owner.models.waiting(entry.manifest.id),
    owner.models.drift(entry.manifest.target),
    models.transitions(entry.manifest.id),
  ]);
  return shownDetail(entry, { next: askable(entry.state), duel, waiting, drift, transitions });
}
