import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SigningKey } from '../../shared/codec/signed-document.ts';
import type { WitnessedVerdict } from './audit-list.ts';

/** Verifies a list on its own thread: each signature costs a tenth of a millisecond, and the list only grows. */
export async function verifyInWorker(evidence: {
  readonly file: string;
  readonly checkpoint: string;
  readonly keys: readonly SigningKey[];
  readonly current: string;
  readonly witness: string | undefined;
}): Promise<WitnessedVerdict> {
  const worker = new Worker(new URL('./verify.worker.ts', import.meta.url), { workerData: evidence });
  try {
    const [verdict] = (await once(worker, 'message')) as [WitnessedVerdict];
    return verdict;
  } finally {
    await worker.terminate();
  }
}
