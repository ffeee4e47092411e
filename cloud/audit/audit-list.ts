import type { AuditEntry, AuditFacts } from './audit-entry.ts';
import type { AuditVerdict } from './verify-audit.ts';
import type { WitnessState } from './witness-state.ts';

export interface AuditPage {
  /** Return entries with a lower `n`. */
  readonly before?: number;
  readonly limit: number;
}

/** `witness` null: none is configured. A text: why its file cannot be read. */
export interface WitnessedVerdict extends AuditVerdict {
  readonly witness: WitnessState | string | null;
}

/** The audit log: an append-only chain of signed entries. */
export interface AuditList {
  /** Appends an entry, durable once this resolves. Entries are numbered in call order. Throws LS-STORE-001. */
  append(facts: AuditFacts): Promise<AuditEntry>;
  /**
   * Like `append`, only for a stop that was sent: if the list cannot take it now, it waits in memory ahead of all others, and is written as
   * soon as possible, marked as late. Throws LS-STORE-001 if too many wait.
   */
  appendStop(facts: AuditFacts): Promise<void>;
  /** Newest first. */
  list(page: AuditPage): Promise<AuditEntry[]>;
  /** Verifies the whole list against its signed state and the witness, while entries are appended. One verification at a time. */
  verify(): Promise<WitnessedVerdict>;
}
