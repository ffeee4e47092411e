import type { OffsetRange } from '../../shared/contracts/acknowledgement.ts';
import { tells } from '../../shared/sentences/told-forms.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { RunKey } from './account.ts';
import { Bucket, type BucketSize } from '../../shared/time/bucket.ts';
import type { Budgets } from './budgets.ts';
import type { Ledger } from './ledger.ts';
import { bookKey } from './run-book.ts';

/**
 * Runs that a gateway's stream may open, plant time. Each start of the daemon is one: a gateway that starts each 10 s opens 8,640 a
 * day, and after a week without a link has 60,480 to tell of.
 */
export const runBudget = { burst: 20_000, perSecond: 12_000 / 86_400 } as const;
/**
 * Stretches that a gateway's stream may say it dropped or lost, plant time. One may stand for all of a run, so there may be as many as
 * runs. What is over is told again with the next report, grown together by then.
 */
const missingBudget = runBudget;
/** Kept for what is live, so that a backlog of many runs holds up no start of today. */
const KEPT_FOR_LIVE = 2000;
/** Stretches of one stream that may be open between what is stored. What closes one is always taken. */
const MAX_GAPS = 20_000;

export interface RunBudgetOptions {
  readonly ledger: Ledger;
  readonly budgets: Budgets;
  readonly plant: TimeBase;
  readonly size?: BucketSize | undefined;
  readonly missingSize?: BucketSize | undefined;
  readonly maxGaps?: number | undefined;
}

interface Purse {
  readonly bucket: Bucket;
  /** Runs that may be opened and are not in the ledger yet. */
  readonly admitted: Set<number>;
}

/** Keeps the ledger within bounds: who invents runs, or leaves holes on purpose, is not taken in and told as an alarm. */
export class RunBudget {
  readonly #options: RunBudgetOptions;
  readonly #purses = new Map<string, Purse>();
  readonly #missing = new Map<string, Bucket>();

  constructor(options: RunBudgetOptions) {
    this.#options = options;
  }

  /** Whether the ledger may have an account of this run. */
  admitsRun(key: RunKey, isLive: boolean): boolean {
    const { ledger, budgets, plant, size = runBudget } = this.#options;
    const { gateway, stream, run } = key;
    if (ledger.has(key)) {
      this.#purses.get(bookKey(key))?.admitted.delete(run);
      return true;
    }
    const { bucket, admitted } = this.#purse(key);
    if (admitted.has(run)) return true;
    const kept = isLive ? 0 : Math.min(KEPT_FOR_LIVE, size.burst / 10);
    if (!bucket.take(1, plant.now(), kept)) {
      const rate = Math.round(size.perSecond * 86_400);
      budgets.exceeded(
        gateway,
        'LS-BUDGET-002',
        tells('LS-BUDGET-002', '{stream}: more runs than {burst} at once and {rate} a day', {
          stream,
          burst: size.burst,
          rate,
        }),
      );
      return false;
    }
    admitted.add(run);
    return true;
  }

  /** Whether [first, last] may be accounted for: where too many gaps are open, not what opens another. `joins`: what is on its way closes it. */
  admitsRange(key: RunKey, [first, last]: OffsetRange, joins = (): boolean => false): boolean {
    const { ledger, budgets, maxGaps = MAX_GAPS } = this.#options;
    // The beginning of a run is what its acknowledgement waits for; where that is the gateway says, and may say anew.
    const most = ledger.beginsAt(key, first) ? 2 * maxGaps : maxGaps;
    if (ledger.gapCount(key) < most || !ledger.opensGap(key, first, last) || joins()) return true;
    budgets.exceeded(
      key.gateway,
      'LS-BUDGET-003',
      tells('LS-BUDGET-003', '{stream}: more than {most} gaps between what is stored', {
        stream: key.stream,
        most: maxGaps,
      }),
    );
    return false;
  }

  /** Whether a stretch may be accounted for as dropped or lost. What is known of it already costs nothing. */
  admitsMissing(key: RunKey, [first, last]: OffsetRange): boolean {
    const { ledger, budgets, plant, missingSize: size = missingBudget } = this.#options;
    if (ledger.covers(key, first, last)) return true;
    if (!this.admitsRange(key, [first, last])) return false;
    const name = bookKey(key);
    let bucket = this.#missing.get(name);
    if (bucket === undefined) {
      this.#missing.set(name, (bucket = refilled(size, ledger.missingReportedAt(key), plant.now())));
    }
    if (bucket.take(1, plant.now())) return true;
    const rate = Math.round(size.perSecond * 86_400);
    const detail = tells(
      'LS-BUDGET-003',
      '{stream}: more stretches dropped or lost than {burst} at once and {rate} a day',
      { stream: key.stream, burst: size.burst, rate },
    );
    budgets.exceeded(key.gateway, 'LS-BUDGET-003', detail);
    return false;
  }

  /** As it would stand had the cloud never stopped: the ledger knows when each run was opened. */
  #purse(key: RunKey): Purse {
    const name = bookKey(key);
    let purse = this.#purses.get(name);
    if (purse === undefined) {
      const { ledger, plant, size = runBudget } = this.#options;
      const bucket = refilled(size, ledger.openedAt(key), plant.now());
      this.#purses.set(name, (purse = { bucket, admitted: new Set() }));
    }
    return purse;
  }
}

/** A bucket from which one was taken at each of these times. */
function refilled(size: BucketSize, times: readonly number[], now: number): Bucket {
  const bucket = new Bucket(size, times[0] ?? now);
  for (const at of times) bucket.take(1, at);
  return bucket;
}
