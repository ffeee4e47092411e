import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Known, ReceivedAt } from './as-of.ts';
import { ColumnWriter } from './columns.ts';
import { defaultHold, type Hold } from './hold.ts';
import { assertStorable } from './points.ts';
import { SqliteCore, type CoreQuery } from './sqlite-core.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import type { Interval, IntervalsQuery, Point, RangeQuery, SeriesKey, TelemetryStore } from './store.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

const DAY_MS = 86_400_000;
/** Default retentions and size. */
export const telemetryRetention = { rawDays: 35, rollupDays: 1096, bytes: 20e9 } as const;

export interface SqliteStoreOptions {
  /** File, or `:memory:`. */
  readonly path: string;
  /** The ledger, which answers `asOf`; without one, nothing was stored at any moment. */
  readonly receivedAt?: ReceivedAt;
  readonly hold?: Hold;
  /** Retention of raw samples finer than 15 min, days of plant time; their means stay. */
  readonly rawRetentionDays?: number;
  /** Retention of the means, and of samples that are no finer, days of plant time. */
  readonly rollupRetentionDays?: number;
  /** Size limit of the file; beyond it retentions are shortened. */
  readonly budgetBytes?: number;
}

export const coreOptions = (options: SqliteStoreOptions) => ({
  path: options.path,
  hold: options.hold ?? defaultHold,
  rawRetentionMs: (options.rawRetentionDays ?? telemetryRetention.rawDays) * DAY_MS,
  rollupRetentionMs: (options.rollupRetentionDays ?? telemetryRetention.rollupDays) * DAY_MS,
  budgetBytes: options.budgetBytes ?? telemetryRetention.bytes,
});

const nothing: Known = { ranges: [], archives: [] };

/** Adds the ledger's answer for each gateway to a query with `asOf`. */
export function withKnown<Query extends RangeQuery>(
  query: Query,
  receivedAt: ReceivedAt | undefined,
): Query & CoreQuery {
  const { asOf } = query;
  if (asOf === undefined) return query;
  const gateways = [...new Set(query.series.map((key) => key.gateway))];
  const known = Object.fromEntries(gateways.map((gateway) => [gateway, receivedAt?.known(gateway, asOf) ?? nothing]));
  return { ...query, known };
}

export const storeFault = (error: unknown): LoadstoneError =>
  error instanceof LoadstoneError ? error : new LoadstoneError('LS-STORE-001', `telemetry store: ${messageOf(error)}`);

/** SQLite in the caller's thread: for virtual time (`:memory:`) and tools. Everything is done when the call returns. */
export class SqliteStore implements TelemetryStore {
  readonly #options: SqliteStoreOptions;
  readonly #checked = new WeakSet<SeriesKey>();
  readonly #columns = new ColumnWriter();
  #core: SqliteCore | undefined;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
  }

  open(): Promise<void> {
    return attempt(() => {
      if (this.#core !== undefined) return;
      this.#core = new SqliteCore(coreOptions(this.#options));
      this.#columns.reset();
    });
  }

  close(): Promise<void> {
    return attempt(() => {
      this.#core?.close();
      this.#core = undefined;
    });
  }

  write(points: readonly Point[]): Promise<void> {
    return attempt(() => {
      assertStorable(points, this.#checked);
      this.#opened().write(this.#columns.encode(points));
    });
  }

  read(query: RangeQuery): Promise<Sample[][]> {
    return attempt(() => this.#opened().read(withKnown(query, this.#options.receivedAt)));
  }

  intervals(query: IntervalsQuery): Promise<Interval[][]> {
    return attempt(() => this.#opened().intervals(withKnown(query, this.#options.receivedAt)));
  }

  latest(query: RangeQuery): Promise<(Sample | undefined)[]> {
    return attempt(() => this.#opened().latest(withKnown(query, this.#options.receivedAt)));
  }

  /** Roll-up and retention; call it every few minutes of plant time. */
  maintain(now: number): Promise<boolean> {
    return attempt(() => {
      while (this.#opened().maintain(now));
      return false;
    });
  }

  #opened(): SqliteCore {
    if (this.#core === undefined) throw new LoadstoneError('LS-STORE-001', 'the telemetry store is not open');
    return this.#core;
  }
}

const attempt = async <T>(work: () => T): Promise<T> => {
  try {
    return work();
  } catch (error) {
    throw storeFault(error);
  }
};
