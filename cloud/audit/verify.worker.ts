import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { archivesIn } from './audit-archive.ts';
import { verifyAudit, type AuditEvidence } from './verify-audit.ts';
import { statesOf, witnessState } from './witness-state.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

const { file, checkpoint, witness, ...keys } = workerData as {
  file: string;
  checkpoint: string;
  witness: string | undefined;
} & Required<Pick<AuditEvidence, 'keys' | 'current'>>;

/** The witness's states; a text: why they cannot be read. The file may be on an unavailable disk or be write-only. */
function readStates(path: string): readonly string[] | string {
  try {
    return statesOf(readFileSync(path, 'utf8'));
  } catch (error) {
    return messageOf(error);
  }
}

// Reads the signed states first: entries appended meanwhile are then beyond them, and not a breach.
const states = witness === undefined ? undefined : readStates(witness);
// Without its own checkpoint the list may have been cut off behind the witness's newest state: a breach in any case.
const checkpoints = existsSync(checkpoint)
  ? [readFileSync(checkpoint, 'utf8'), ...(typeof states === 'object' ? states : [])]
  : [];
const log = readFileSync(file);
const verdict = verifyAudit({ log, archives: archivesIn(dirname(file)), checkpoints, ...keys });
const vouched = typeof states === 'object' ? witnessState(states, log) : (states ?? null);
const port = parentPort!;
port.postMessage({ ...verdict, witness: vouched });
