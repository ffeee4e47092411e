import type { OffsetRange } from '../../shared/contracts/acknowledgement.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { RunKey } from './account.ts';
import { Bucket, type BucketSize } from '../../shared/time/bucket.ts';
import type { Budgets } from './budgets.ts';
import type { Ledger } from './ledger.ts';
import { bookKey } from './run-book.ts';

/**
 * Runs that a gateway's stream may open, plant time. Each start of the daemon opens one: a gateway that restarts each 10 s opens 8,640 a
 * day, and reports 60,480 after a week without a link.
 */
export const runBudget = { burst: 20_000, perSecond: 12_000 / 86_400 } as const;
/**
 * Stretches that a gateway's stream may report as dropped or lost, plant time. One may cover a whole run, so there may be as many as runs.
 * What is over budget comes again with the next report, merged by then.
 */
const missingBudget = runBudget;
/** Reserved for live frames, so that a backlog of many runs never blocks a fresh start. */
const RESERVED_FOR_LIVE = 2000;
/** Gaps that one stream may leave open. Frames that close a gap are always accepted. */
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
  /** Admitted runs that are not in the ledger yet. */
  readonly admitted: Set<number>;
}

/** Bounds the ledger: a gateway that invents runs or leaves holes on purpose is refused, with an alarm. */
export class RunBudget {
  readonly #options: RunBudgetOptions;
  readonly #purses = new Map<string, Purse>();
  readonly #missing = new Map<string, Bucket>();

  constructor(options: RunBudgetOptions) {
    this.#options = options;
  }

  /** True if the ledger may hold this run. */
  admitsRun(key: RunKey, isLive: boolean): boolean {
    const { ledger, budgets, plant, size = runBudget } = this.#options;
    const { gateway, stream, run } = key;
    if (ledger.has(key)) {
      this.#purses.get(bookKey(key))?.admitted.delete(run);
      return true;
    }
    const { bucket, admitted } = this.#purse(key);
    if (admitted.has(run)) return true;
    const reserved = isLive ? 0 : Math.min(RESERVED_FOR_LIVE, size.burst / 10);
    if (!bucket.take(1, plant.now(), reserved)) {
      const rate = Math.round(size.perSecond * 86_400);
      budgets.exceeded(
        gateway,
        'LS-BUDGET-002',
        formatMessage('LS-BUDGET-002', '{stream}: more runs than {burst} at once and {rate} a day', {
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

  /**
   * True if [first, last] may be accounted for. With too many open gaps, a range that opens another is refused, unless `joins` tells that a
   * frame on its way will close it.
   */
  admitsRange(key: RunKey, [first, last]: OffsetRange, joins = (): boolean => false): boolean {
    const { ledger, budgets, maxGaps = MAX_GAPS } = this.#options;
    // A run's acknowledgement waits for its first offset. The gateway says where that is, and may say it again.
    const most = ledger.beginsAt(key, first) ? 2 * maxGaps : maxGaps;
    if (ledger.gapCount(key) < most || !ledger.opensGap(key, first, last) || joins()) return true;
    budgets.exceeded(
      key.gateway,
      'LS-BUDGET-003',
      formatMessage('LS-BUDGET-003', '{stream}: more than {most} gaps between what is stored', {
        stream: key.stream,
        most: maxGaps,
      }),
    );
    return false;
  }

  /** True if a stretch may be accounted for as dropped or lost. A stretch that is already covered costs nothing. */
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
    const detail = formatMessage(
      'LS-BUDGET-003',
      '{stream}: more stretches dropped or lost than {burst} at once and {rate} a day',
      { stream: key.stream, burst: size.burst, rate },
    );
    budgets.exceeded(key.gateway, 'LS-BUDGET-003', detail);
    return false;
  }

  /** The purse as if the cloud had never stopped: the ledger knows when each run was opened. */
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
