import { join } from 'node:path';
import { AuditLog } from '../audit/audit-log.ts';
import type { Restored } from '../backup/restore.ts';
import { dataFiles } from '../telemetry/data-files.ts';
import { KeyBook } from '../pki/key-book.ts';
import { revoke } from '../pki/standing.ts';
import type { OpenedPlaces, Places } from './state.ts';
import { closeStores, makeStores, openStores } from './stores.ts';

interface Revived extends Restored {
  /** Gateways of the region; may be more than the copy knows. */
  readonly gateways: readonly string[];
  /** Machine time, ms UTC. */
  readonly now: number;
}

/**
 * Prepares a restored data folder for a cloud: raises document epochs above any that a gateway can hold, revokes gateways that were revoked
 * after the copy, and writes an audit entry. Returns for how many gateways epochs were raised.
 */
export async function revive(folder: string, { manifest, revoked, gateways, now }: Revived): Promise<number> {
  for (const gateway of revoked) revoke(folder, gateway, () => now);
  const raised = await raiseAll(folder, dataFiles(folder), gateways);
  const keys = await KeyBook.open(folder, now);
  const audit = new AuditLog({
    file: join(folder, 'audit.jsonl'),
    ...keys.audit(),
    now: () => now,
    onFailure: () => undefined,
  });
  await audit.open();
  const madeAt = new Date(manifest.madeAt).toISOString();
  await audit.append({
    who: 'operator of the machine',
    what: 'data.restore',
    to: { madeAt, raised, revoked },
    outcome: 'done',
  });
  await audit.close();
  return raised;
}

export interface PutBackParts {
  readonly data: string;
  readonly places: OpenedPlaces;
  /** Gateways of the region. */
  readonly gateways: readonly string[];
  readonly audit: Pick<AuditLog, 'append'>;
}

/**
 * Does the same for a database that was restored from a copy, because gateways may know newer documents. Returns for how many gateways
 * epochs were raised; undefined: the database was not restored.
 */
export async function revivePutBack({ data, places, gateways, audit }: PutBackParts): Promise<number | undefined> {
  if (places.putBack === undefined) return undefined;
  const raised = await raiseAll(data, places, gateways);
  await audit.append({ who: 'cloud', what: 'data.restore', to: { raised }, outcome: 'done' });
  // Comes last: if this start is interrupted, the next one repeats it.
  places.putBack.known();
  return raised;
}

/** Raises document epochs above what is stored; returns for how many gateways. */
async function raiseAll(data: string, places: Places, gateways: readonly string[]): Promise<number> {
  const stores = makeStores(data, places, () => undefined);
  try {
    await openStores(stores);
    const born = (await stores.births.load()).map(({ gateway }) => gateway);
    return await stores.documents.raiseEpochs([...gateways, ...born]);
  } finally {
    closeStores(stores);
  }
}
