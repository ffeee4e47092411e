import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { archivesIn } from './audit-archive.ts';
import { verifyAudit, type AuditEvidence } from './verify-audit.ts';
import { statesOf, witnessState } from './witness-state.ts';

const { file, checkpoint, witness, ...keys } = workerData as {
  file: string;
  checkpoint: string;
  witness: string | undefined;
} & Required<Pick<AuditEvidence, 'keys' | 'current'>>;

/** What the witness was told; a text: why it cannot be read. It may be on a disk that is away, or take lines alone. */
function told(path: string): readonly string[] | string {
  try {
    return statesOf(readFileSync(path, 'utf8'));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

// The signed states first: what is appended meanwhile is then beyond them, and no breach.
const states = witness === undefined ? undefined : told(witness);
const checkpoints = [readFileSync(checkpoint, 'utf8'), ...(typeof states === 'object' ? states : [])];
const log = readFileSync(file);
const verdict = verifyAudit({ log, archives: archivesIn(dirname(file)), checkpoints, ...keys });
const vouched = typeof states === 'object' ? witnessState(states, log) : (states ?? null);
const port = parentPort!;
port.postMessage({ ...verdict, witness: vouched });
