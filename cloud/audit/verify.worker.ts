import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { archivesIn } from './audit-archive.ts';
import { verifyAudit, type AuditEvidence } from './verify-audit.ts';

const { file, checkpoint, ...keys } = workerData as {
  file: string;
  checkpoint: string;
} & Required<Pick<AuditEvidence, 'keys' | 'current'>>;
// The signed state first: what is appended meanwhile is then beyond it, and no breach.
const checkpoints = [readFileSync(checkpoint, 'utf8')];
const port = parentPort!;
port.postMessage(verifyAudit({ log: readFileSync(file), archives: archivesIn(dirname(file)), checkpoints, ...keys }));
