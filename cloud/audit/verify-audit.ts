import { checker } from '../../shared/contracts/validate.ts';
import { parseJson } from '../../shared/codec/json.ts';
import type { SigningKey } from '../../shared/codec/signed-document.ts';
import { AuditCheckpoint, AuditEntry, FIRST_PREV, hashOf, signatureCheck } from './audit-entry.ts';
import { canonicalJson } from './canonical-json.ts';

const checkEntry = checker(AuditEntry, 'LS-AUDIT-001');
const checkCheckpoint = checker(AuditCheckpoint, 'LS-AUDIT-001');
const NEWLINE = 0x0a;

/** The first difference: its line (from 1) and what is wrong there. */
export interface AuditProblem {
  readonly line: number;
  readonly why: string;
}

export interface AuditVerdict {
  /** Entries that stand as they were written, up to the first problem. */
  readonly entries: number;
  readonly problem: AuditProblem | undefined;
}

export interface AuditEvidence {
  /** The list, a line an entry. */
  readonly log: Uint8Array;
  /** Signed states of the list as JSON: the one beside it, and any that were kept elsewhere. */
  readonly checkpoints: readonly string[];
  readonly keys: readonly SigningKey[];
}

/**
 * Verifies a list against its hash chain, signatures and checkpoints. An edited, added or moved entry breaks chain or signature at its
 * line. The checkpoint detects truncation. A checkpoint kept elsewhere detects a list rolled back together with its own checkpoint.
 */
export function verifyAudit({ log, checkpoints, keys }: AuditEvidence): AuditVerdict {
  const isSigned = signatureCheck(keys);
  const hashes: string[] = [];
  const verdict = (why: string | undefined, line = hashes.length + 1): AuditVerdict => ({
    entries: hashes.length,
    problem: why === undefined ? undefined : { line, why },
  });
  for (let start = 0; start < log.length;) {
    const end = log.indexOf(NEWLINE, start);
    if (end < 0) return verdict('the last line is cut off');
    const read = entryOf(log.subarray(start, end));
    if (typeof read === 'string') return verdict(read);
    const fault = faultOf(read, hashes);
    if (fault !== undefined) return verdict(fault);
    if (!isSigned('entry', read)) return verdict(`entry ${read.n} is not signed by a key that is known`);
    hashes.push(hashOf(read));
    start = end + 1;
  }
  if (checkpoints.length === 0) return verdict('there is no checkpoint: nothing says where the list ends');
  for (const text of checkpoints) {
    const checkpoint = checkpointOf(text);
    if (checkpoint === undefined || !isSigned('checkpoint', checkpoint)) {
      return verdict('a checkpoint is not as it was signed');
    }
    const { n, hash } = checkpoint;
    if (n > hashes.length) return verdict(`entries ${hashes.length + 1} to ${n} are missing: the list was cut off`);
    if (hashes[n - 1] !== hash) return verdict(`entry ${n} is not the one of the checkpoint`, n);
  }
  return verdict(undefined);
}

/** The signed state as JSON, if it is one. */
export function checkpointOf(text: string): AuditCheckpoint | undefined {
  const parsed = parseJson(text.trim(), { code: 'LS-AUDIT-001' });
  const checked = parsed.ok ? checkCheckpoint(parsed.value) : parsed;
  return checked.ok ? checked.value : undefined;
}

/** The entry of a line, or what is wrong with it. */
export function entryOf(line: Uint8Array): AuditEntry | string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return 'the line is not UTF-8';
  }
  const parsed = parseJson(text, { code: 'LS-AUDIT-001' });
  if (!parsed.ok) return `the line is no entry: ${parsed.fault.detail}`;
  const checked = checkEntry(parsed.value);
  if (!checked.ok) return `the line is no entry: ${checked.fault.detail}`;
  return canonicalJson(checked.value) === text ? checked.value : 'the line is not written as the log writes it';
}

function faultOf({ n, prev }: AuditEntry, hashes: readonly string[]): string | undefined {
  const expected = hashes.length + 1;
  if (n > expected) return `entry ${n} stands where ${expected} should: entries are missing or moved`;
  if (n < expected) return `entry ${n} stands where ${expected} should: it is repeated or moved`;
  if (prev !== (hashes.at(-1) ?? FIRST_PREV)) return `entry ${n} does not follow from the entry before`;
  return undefined;
}
