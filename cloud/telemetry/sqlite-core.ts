import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isKnown, type Known } from './as-of.ts';
import { emptyInterval, gridOf, intervalMeans, joinIntervals, lookbackMs, reachMs, type Hold } from './hold.ts';
import type { Columns } from './columns.ts';
import { Fresh, freshMigration } from './fresh.ts';
import { offsetOfMark } from './marks.ts';
import { ROLLUP_MS } from './quarters.ts';
import { offsetsMigration, Rollups, rollupMigration, type Past } from './rollup.ts';
import { compareRows, mergeRows, sampleOf, type Row } from './rows.ts';
import { openSqlite, transaction } from './sqlite.ts';
import { Upkeep } from './upkeep.ts';
import { Budget, bytesIn } from './budget.ts';
import { seriesId } from './series-id.ts';
import { usableMeans } from './usable-means.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import type { Interval, SeriesKey } from './store.ts';

const migrations = [
  `CREATE TABLE series (
     id INTEGER PRIMARY KEY,
     gateway TEXT NOT NULL, device TEXT NOT NULL, metric TEXT NOT NULL,
     UNIQUE (gateway, device, metric)
   );
   CREATE TABLE point (
     series INTEGER NOT NULL, time INTEGER NOT NULL, off INTEGER NOT NULL,
     value REAL NOT NULL, mark INTEGER NOT NULL,
     PRIMARY KEY (series, time, off)
   ) WITHOUT ROWID`,
  rollupMigration,
  freshMigration,
  offsetsMigration,
];

/** A batch with at least this many points per series goes directly to the `point` table, because it fills pages. */
const DENSE = 64;

/** A range query with the ledger's answer for `asOf`. */
export interface CoreQuery {
  readonly series: readonly SeriesKey[];
  readonly start: number;
  readonly end: number;
  readonly asOf?: number;
  /** By gateway; required with `asOf`. */
  readonly known?: Readonly<Record<string, Known>>;
  readonly rawOnly?: boolean;
}

export interface CoreOptions {
  readonly path: string;
  readonly hold: Hold;
  /** Retention of raw samples that are finer than the roll-up. */
  readonly rawRetentionMs: number;
  readonly rollupRetentionMs: number;
  /** Size limit of the file; beyond it the retention of raw samples, then of roll-ups, is shortened. */
  readonly budgetBytes: number;
}

/** The SQLite telemetry store itself: synchronous, single-threaded. A write is durable when it returns. */
export class SqliteCore {
  readonly #db: DatabaseSync;
  readonly #hold: Hold;
  readonly #rollups: Rollups;
  readonly #budget: Budget;
  readonly #upkeep: Upkeep;
  readonly #fresh: Fresh;
  readonly #insert: StatementSync;
  readonly #range: StatementSync;
  readonly #newest: StatementSync;
  readonly #ids = new Map<string, number>();
  /** The writer's series by its numbers, and the store's own numbers as far as they are known. */
  readonly #written: SeriesKey[] = [];
  readonly #writtenIds: number[] = [];

  constructor(options: CoreOptions) {
    this.#hold = options.hold;
    this.#budget = new Budget(options);
    const db = openSqlite(options.path, migrations);
    this.#db = db;
    this.#fresh = new Fresh(db);
    this.#insert = db.prepare('INSERT INTO point VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
    this.#range = db.prepare(
      'SELECT time, off, value, mark FROM point WHERE series = ? AND time >= ? AND time < ? ORDER BY time, off',
    );
    this.#newest = db.prepare(
      'SELECT time, off, value, mark FROM point WHERE series = ? AND time >= ? AND time < ? ORDER BY time DESC, off DESC',
    );
    for (const statement of [this.#range, this.#newest]) statement.setReturnArrays(true);
    for (const row of db.prepare('SELECT id, gateway, device, metric FROM series').all()) {
      const key = { gateway: String(row['gateway']), device: String(row['device']), metric: String(row['metric']) };
      this.#ids.set(seriesId(key), Number(row['id']));
    }
    const lookback = lookbackMs(this.#hold);
    this.#rollups = new Rollups(db, this.#budget, {
      of: (series, start, end) =>
        this.#means(this.#raw(series, start - lookback, end), { start, end, resolutionS: ROLLUP_MS / 1000 }),
      reachMs: reachMs(this.#hold),
      lookbackMs: lookback,
    });
    this.#upkeep = new Upkeep({
      db,
      fresh: this.#fresh,
      rollups: this.#rollups,
      all: () => [...this.#ids.values()],
      settle: () => this.#budget.settle(bytesIn(db)),
    });
  }

  close(): void {
    this.#db.close();
  }

  /** Numbers the writer's series in a transaction of its own: if the one that writes their points fails, the numbers stay. */
  #number(series: Iterable<number>): void {
    const unknown = [...new Set(series)].filter((each) => this.#writtenIds[each] === undefined);
    if (unknown.length === 0) return;
    const make = this.#db.prepare('INSERT INTO series (gateway, device, metric) VALUES (?, ?, ?) RETURNING id');
    const numbers = transaction(this.#db, () =>
      unknown.map((each) => {
        const key = this.#written[each]!;
        return this.#ids.get(seriesId(key)) ?? Number(make.get(key.gateway, key.device, key.metric)?.['id']);
      }),
    );
    for (const [at, each] of unknown.entries()) {
      this.#writtenIds[each] = numbers[at]!;
      this.#ids.set(seriesId(this.#written[each]!), numbers[at]!);
    }
  }

  /** Writes the columns of one writer, whose series numbers this store has followed from the start. */
  write({ added, series, time, low, value, mark }: Columns): void {
    for (const key of added) this.#written.push(key);
    this.#number(series);
    const ids = series.map((each) => this.#writtenIds[each]!);
    const note = (): void => ids.forEach((id, i) => this.#rollups.written(id, time[i]!));
    try {
      if (series.length >= DENSE * new Set(series).size)
        transaction(this.#db, () => {
          for (let i = 0; i < ids.length; i++) this.#insert.run(ids[i]!, time[i]!, low[i]!, value[i]!, mark[i]!);
          note();
        });
      else this.#fresh.write({ series: ids, time, low, value, mark }, note);
    } catch (error) {
      this.#rollups.load();
      throw error;
    }
    this.#upkeep.written();
  }

  read(query: CoreQuery): Sample[][] {
    return query.series.map((key) => this.#samples(key, query, query.start));
  }

  intervals(query: CoreQuery & { readonly resolutionS: number }): Interval[][] {
    const grid = gridOf(query);
    return query.series.map((key) => {
      const id = this.#ids.get(seriesId(key));
      if (id === undefined) return this.#means([], query);
      const start = grid.start - lookbackMs(this.#hold);
      if (query.asOf !== undefined || grid.stepMs % ROLLUP_MS !== 0) {
        return this.#means(this.#samples(key, query, start), query);
      }
      // Closed quarters of an hour come from the roll-up, the rest from raw samples.
      const gridEnd = grid.start + grid.count * grid.stepMs;
      const split = Math.min(Math.max(this.#rollups.upTo(id), grid.start), gridEnd);
      const rolled = this.#rollups.read(id, grid.start, split);
      const rest = { start: split, end: gridEnd, resolutionS: ROLLUP_MS / 1000 };
      const fresh = split < gridEnd ? this.#means(this.#samples(key, query, split - lookbackMs(this.#hold)), rest) : [];
      return joinIntervals([...rolled, ...fresh], ROLLUP_MS, grid);
    });
  }

  /**
   * Series by series: the intervals of weeks of all series would be hundreds of thousands of objects at once. A series without values needs
   * none.
   */
  means(
    query: CoreQuery & { readonly resolutionS: number; readonly leastCoverage: number },
  ): Float64Array<ArrayBuffer>[] {
    return query.series.map((key) =>
      this.#ids.has(seriesId(key))
        ? usableMeans(this.intervals({ ...query, series: [key] })[0]!, query.leastCoverage)
        : new Float64Array(gridOf(query).count).fill(Number.NaN),
    );
  }

  latest(query: CoreQuery): (Sample | undefined)[] {
    return query.series.map((key) => {
      const id = this.#ids.get(seriesId(key));
      if (id === undefined) return undefined;
      const { start, end } = query;
      const past = pastOf(query, key);
      const thinned = this.#rollups.thinned(id, { start, end, past }).at(-1);
      const found = this.#newestKnown(id, { start, end, past });
      return found === undefined || (thinned !== undefined && thinned.time > found.time) ? thinned : found;
    });
  }

  #newestKnown(id: number, { start, end, past }: Searched): Sample | undefined {
    const isThere = ([time, low, , mark]: Row): boolean =>
      past === undefined || isKnown(past.known, { offset: offsetOfMark(mark, low), time }, past.asOf);
    const fresh = this.#fresh.findLast(id, { start, end }, isThere);
    for (const row of this.#newest.iterate(id, start, end) as unknown as Iterable<Row>) {
      if (fresh !== undefined && compareRows(fresh, row) > 0) break;
      if (isThere(row)) return sampleOf(row);
    }
    return fresh && sampleOf(fresh);
  }

  /**
   * Does a piece of what is due at plant time `now`: moves and rolls up fresh points, thins raw samples past retention. True: more is left.
   */
  maintain(now: number): boolean {
    return this.#upkeep.piece(now);
  }

  #means(samples: readonly Sample[], query: { start: number; end: number; resolutionS: number; asOf?: number }) {
    const grid = gridOf(query);
    if (samples.length === 0) {
      return Array.from({ length: grid.count }, (_, k) => emptyInterval(grid.start + k * grid.stepMs));
    }
    return intervalMeans(samples, grid, this.#hold, query.asOf);
  }

  /** Samples of [start, query.end); thinned quarters as their mean, unless `rawOnly`. */
  #samples(key: SeriesKey, query: CoreQuery, start: number): Sample[] {
    const id = this.#ids.get(seriesId(key));
    if (id === undefined) return [];
    const past = pastOf(query, key);
    const raw =
      past === undefined ? this.#raw(id, start, query.end) : this.#knownRaw(id, { start, end: query.end, past });
    if (query.rawOnly === true) return raw;
    const thinned = this.#rollups.thinned(id, { start, end: query.end, past });
    return thinned.length === 0 ? raw : [...raw, ...thinned].sort((a, b) => a.time - b.time);
  }

  #raw(id: number, start: number, end: number): Sample[] {
    return this.#rows(id, start, end).map(sampleOf);
  }

  #rows(id: number, start: number, end: number): readonly Row[] {
    return mergeRows(this.#range.all(id, start, end) as unknown as Row[], this.#fresh.rows(id, start, end));
  }

  #knownRaw(id: number, { start, end, past: { known, asOf } }: Searched & { readonly past: Past }): Sample[] {
    return this.#rows(id, start, end)
      .filter(([time, off, , mark]) => isKnown(known, { offset: offsetOfMark(mark, off), time }, asOf))
      .map(sampleOf);
  }
}

interface Searched {
  readonly start: number;
  readonly end: number;
  readonly past: Past | undefined;
}

/** What the ledger knew of a series' gateway; undefined: the query is about now. */
const pastOf = ({ asOf, known }: CoreQuery, { gateway }: SeriesKey): Past | undefined =>
  asOf === undefined ? undefined : { asOf, known: known?.[gateway] ?? { ranges: [], archives: [] } };
