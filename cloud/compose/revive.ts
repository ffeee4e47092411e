import { join } from 'node:path';
import { AuditLog } from '../audit/audit-log.ts';
import type { Restored } from '../backup/restore.ts';
import { dataFiles } from '../telemetry/data-files.ts';
import { KeyBook } from '../pki/key-book.ts';
import { revoke } from '../pki/standing.ts';
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
  const stores = makeStores(folder, dataFiles(folder), () => undefined);
  let raised: number;
  try {
    await openStores(stores);
    const born = (await stores.births.load()).map(({ gateway }) => gateway);
    raised = await stores.documents.raiseEpochs([...gateways, ...born]);
  } finally {
    closeStores(stores);
  }
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
