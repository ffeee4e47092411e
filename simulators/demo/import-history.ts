import type { Ledger } from '../../cloud/ingest/ledger.ts';
import type { TelemetryStore } from '../../cloud/telemetry/store.ts';
import { history, historyEndMs, historyStartMs, type HistoryBatch } from '../history/history.ts';
import type { PlantSpec } from '../plant/spec.ts';

export interface ImportOptions {
  readonly specs: readonly PlantSpec[];
  readonly seed: number;
  readonly store: Pick<TelemetryStore, 'write'>;
  readonly ledger: Pick<Ledger, 'recordArchive'>;
  /** Batches to import; default: the eight weeks. */
  readonly batches?: readonly HistoryBatch[];
  /** From 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

const INTERVAL_MS = 900_000;

/** Writes the record before the plant's start into the store; the ledger notes it as an archive. Idempotent. */
export async function importHistory({
  specs,
  seed,
  store,
  ledger,
  batches,
  onProgress,
}: ImportOptions): Promise<number> {
  let points = 0;
  for await (const batch of batches ?? history(specs, { seed })) {
    await store.write(batch.points);
    const offsets = batch.points.map(({ offset }) => offset);
    await ledger.recordArchive({
      gateway: batch.gateway,
      first: offsets.reduce((least, offset) => Math.min(least, offset), Infinity),
      last: offsets.reduce((most, offset) => Math.max(most, offset), 0),
      timeFrom: batch.startMs,
      timeTo: batch.endMs - 1,
      intervalMs: INTERVAL_MS,
    });
    points += batch.points.length;
    onProgress?.((batch.endMs - historyStartMs) / (historyEndMs - historyStartMs));
  }
  return points;
}
