import type { DatabaseSync } from 'node:sqlite';
import type { Keep } from './rollup.ts';

const DAY_MS = 86_400_000;
/** Kept whatever the budget says: what estimate and forecast ask for at each issue. */
const LEAST_RAW_MS = 2 * DAY_MS;
const LEAST_ROLLUP_MS = 60 * DAY_MS;
/** By so much a retention is shortened or lengthened at each look. */
const STEP = 0.05;
/** Below this share of the budget retentions grow back. */
const ROOM = 0.9;

export interface BudgetOptions {
  readonly rawRetentionMs: number;
  readonly rollupRetentionMs: number;
  readonly budgetBytes: number;
}

/** How long raw samples and roll-ups are kept, so that their file stays within its budget: raw samples give way first. */
export class Budget implements Keep {
  readonly #options: BudgetOptions;
  rawMs: number;
  rollupMs: number;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.rawMs = options.rawRetentionMs;
    this.rollupMs = options.rollupRetentionMs;
  }

  /** Looks at what the file holds now. */
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

/** Bytes of a file that hold something: what was freed is written again. */
export function bytesIn(db: DatabaseSync): number {
  const value = (name: string): number => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  return (value('page_count') - value('freelist_count')) * value('page_size');
}
