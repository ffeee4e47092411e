import { checker } from '../../shared/contracts/validate.ts';
import { parseJson } from '../../shared/codec/json.ts';
import { AuditCheckpoint, AuditEntry } from './audit-entry.ts';
import { canonicalJson } from './canonical-json.ts';

const checkEntry = checker(AuditEntry, 'LS-AUDIT-001');
const checkCheckpoint = checker(AuditCheckpoint, 'LS-AUDIT-001');
const NEWLINE = 0x0a;

/** The complete lines of a list, oldest first, and the bytes after the last of them. */
export function linesOf(list: Uint8Array): { readonly lines: Uint8Array[]; readonly rest: Uint8Array } {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = list.indexOf(NEWLINE); end >= 0; end = list.indexOf(NEWLINE, start)) {
    lines.push(list.subarray(start, end));
    start = end + 1;
  }
  return { lines, rest: list.subarray(start) };
}

/** Parses a checkpoint; undefined if invalid. */
export function checkpointOf(text: string): AuditCheckpoint | undefined {
  const parsed = parseJson(text.trim(), { code: 'LS-AUDIT-001' });
  const checked = parsed.ok ? checkCheckpoint(parsed.value) : parsed;
  return checked.ok ? checked.value : undefined;
}

/** The entry of a line, or a text that says what is wrong with it. */
export function entryOf(line: Uint8Array): AuditEntry | string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return 'the line is not UTF-8';
  }
  const parsed = parseJson(text, { code: 'LS-AUDIT-001' });
  if (!parsed.ok) return `the line is not an audit entry: ${parsed.fault.detail}`;
  const checked = checkEntry(parsed.value);
  if (!checked.ok) return `the line is not an audit entry: ${checked.fault.detail}`;
  return canonicalJson(checked.value) === text ? checked.value : 'the line is not in canonical form';
}
