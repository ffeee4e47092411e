import type { AuditEntry, AuditFacts } from './audit-entry.ts';
import type { AuditVerdict } from './verify-audit.ts';
import type { WitnessState } from './witness-state.ts';

export interface AuditPage {
  /** The `n` to continue below. */
  readonly before?: number;
  readonly limit: number;
}

/** `witness` null: none is configured. A text: why its file cannot be read here. */
export interface WitnessedVerdict extends AuditVerdict {
  readonly witness: WitnessState | string | null;
}

/** Who did what, as a chain of signed entries that only grows. */
export interface AuditList {
  /** The entry is on the medium when this resolves. Entries are numbered in the order of the calls. Throws LS-STORE-001. */
  append(facts: AuditFacts): Promise<AuditEntry>;
  /**
   * The same of a stop that has gone out, and of nothing else: one that the list cannot take now waits in memory, ahead of all others, and
   * is written as soon as it can be, marked as late. Throws LS-STORE-001 where too many wait.
   */
  appendStop(facts: AuditFacts): Promise<void>;
  /** Newest first. */
  list(page: AuditPage): Promise<AuditEntry[]>;
  /** Verifies the whole list against its signed state, and what its witness was told, while entries are appended. One at a time. */
  verify(): Promise<WitnessedVerdict>;
}
