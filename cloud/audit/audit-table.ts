import { tableOf, type Table } from '../tables/table.ts';
import { hashOf, type AuditEntry } from './audit-entry.ts';
import { canonicalJson } from './canonical-json.ts';

const value = (each: unknown): string | null => (each === null ? null : canonicalJson(each));

/** Entries as a table; changed values are JSON. */
export const auditTable = (entries: readonly AuditEntry[]): Table =>
  tableOf(
    [
      ['n', 'integer'],
      ['at', 'time'],
      ['who', 'text'],
      ['what', 'text'],
      ['on', 'text'],
      ['from', 'text'],
      ['to', 'text'],
      ['why', 'text'],
      ['approver', 'text'],
      ['outcome', 'text'],
      ['hash', 'text'],
    ],
    entries.map((entry) => ({ ...entry, from: value(entry.from), to: value(entry.to), hash: hashOf(entry) })),
  );
