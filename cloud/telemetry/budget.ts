import type { DatabaseSync } from 'node:sqlite';
import type { Keep } from './rollup.ts';

const DAY_MS = 86_400_000;
/** Kept whatever the budget: what estimate and forecast read each time. */
const LEAST_RAW_MS = 2 * DAY_MS;
const LEAST_ROLLUP_MS = 60 * DAY_MS;
/** Relative change of a retention at each look. */
const STEP = 0.05;
/** Below this share of the budget, retentions grow back. */
const ROOM = 0.9;

export interface BudgetOptions {
  readonly rawRetentionMs: number;
  readonly rollupRetentionMs: number;
  readonly budgetBytes: number;
}

/** Retention of raw samples and roll-ups, adapted to keep their file within its budget; raw samples are shortened first. */
export class Budget implements Keep {
  readonly #options: BudgetOptions;
  rawMs: number;
  rollupMs: number;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.rawMs = options.rawRetentionMs;
    this.rollupMs = options.rollupRetentionMs;
  }

  /** Adapts the retentions to the file's current size. */
  settle(bytes: number): void {
    const { rawRetentionMs, rollupRetentionMs, budgetBytes } = this.#options;
    if (bytes > budgetBytes) {
      if (this.rawMs > LEAST_RAW_MS) this.rawMs = Math.max(LEAST_RAW_MS, this.rawMs * (1 - STEP));
      else this.rollupMs = Math.max(Math.min(LEAST_ROLLUP_MS, rollupRetentionMs), this.rollupMs * (1 - STEP));
    } else if (bytes < ROOM * budgetBytes) {
      if (this.rollupMs < rollupRetentionMs) this.rollupMs = Math.min(rollupRetentionMs, this.rollupMs * (1 + STEP));
      else this.rawMs = Math.min(rawRetentionMs, this.rawMs * (1 + STEP));
    }
  }
}

/** Used bytes of a file, without free pages, because SQLite reuses those. */
export function bytesIn(db: DatabaseSync): number {
  const value = (name: string): number => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  return (value('page_count') - value('freelist_count')) * value('page_size');
}
