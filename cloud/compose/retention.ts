import { dataKinds, forgottenBefore, kindOf } from '../retention/kinds.ts';
import type { Prune } from '../retention/pruner.ts';
import { isStoreAway } from '../telemetry/store-away.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import type { Stores } from './stores.ts';

/** All deletions of old data: rows by the table of kinds, the rest by each store itself. Documents follow the dispatch's retention. */
export function prunesOf(
  stores: Pick<Stores, 'oldState' | 'oldPlanner' | 'exports' | 'models' | 'events'>,
  telemetry: Pick<TelemetryStore, 'maintain'>,
): readonly Prune[] {
  const rows = dataKinds
    .filter((kind) => kind.rows !== undefined)
    .map((kind): Prune => {
      const store = kind.file === 'state.sqlite' ? stores.oldState : stores.oldPlanner;
      const prune = (now: Parameters<Prune>[0]): Promise<number> => store.prune(kind, now[kind.clock]);
      return kind.name === 'events' ? (now) => stores.events.forget(() => prune(now)) : prune;
    });
  return [
    ...rows,
    ({ plant }) => stores.models.prune(forgottenBefore(kindOf('models'), plant)),
    async ({ machine }) => {
      await stores.exports.prune(machine);
      return 0;
    },
    async ({ plant, stopping }) => ((await telemetry.maintain?.(plant, stopping).catch(unlessAway)) === true ? 1 : 0),
  ];
}

/** A store that does not answer has an alarm of its own. */
function unlessAway(error: unknown): false {
  if (isStoreAway(error)) return false;
  throw error;
}
