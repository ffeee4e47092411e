import { join } from 'node:path';
import { AuditLog } from '../audit/audit-log.ts';
import type { Restored } from '../backup/restore.ts';
import { dataFiles } from '../telemetry/data-files.ts';
import { KeyBook } from '../pki/key-book.ts';
import { revoke } from '../pki/standing.ts';
import type { OpenedPlaces, Places } from './state.ts';
import { closeStores, makeStores, openStores } from './stores.ts';

interface Revived extends Restored {
  /** Of the region; more than the copy knows of. */
  readonly gateways: readonly string[];
  /** Machine time, ms UTC. */
  readonly now: number;
}

/**
 * Makes a copied data folder what a cloud goes on from: documents of a higher epoch than any gateway can hold of the copy's time,
 * those revoked that were so behind the copy, and a line among who did what. Answers for how many gateways.
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
  /** Of the region. */
  readonly gateways: readonly string[];
  readonly audit: Pick<AuditLog, 'append'>;
}

/**
 * Does the same for a database that was put back from a copy: gateways may know more than it. Answers for how many it raised the epoch;
 * undefined: the database is the one that the folder knows.
 */
export async function revivePutBack({ data, places, gateways, audit }: PutBackParts): Promise<number | undefined> {
  if (places.putBack === undefined) return undefined;
  const raised = await raiseAll(data, places, gateways);
  await audit.append({ who: 'cloud', what: 'data.restore', to: { raised }, outcome: 'done' });
  // Behind all else: where this start is cut, the next one does it again.
  places.putBack.known();
  return raised;
}

/** Documents of a higher epoch than what is stored tells of; answers for how many gateways. */
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
