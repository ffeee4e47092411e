import { HttpError, InfluxDB, setLogger, type WriteApi } from '@influxdata/influxdb-client';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { isKnown, type Known, type ReceivedAt } from './as-of.ts';
import { bucketSteps, defaultHold, gridOf, intervalMeans, lookbackMs } from './hold.ts';
import type { Bucket, Hold } from './hold.ts';
import { influxRemedy, influxVersion } from './influx-server.ts';
import { InfluxQuery, type StoredSample } from './influx-query.ts';
import { LineWriter } from './line-protocol.ts';
import { assertStorable } from './points.ts';
import { seriesId } from './series-id.ts';
import { isStoreAway } from './store-away.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import type { Interval, Point, RangeQuery, SeriesKey, Step, TelemetryStore } from './store.ts';

// Its console lines say what the rejected promise says too.
setLogger({ error: () => undefined, warn: () => undefined });

export interface InfluxStoreOptions {
  readonly url: string;
  /** Database (1.x, 3.x), or bucket mapped to a database of this name (2.x DBRP). */
  readonly database: string;
  readonly token?: string;
  /** With an organisation, points are written through /api/v2/write (2.x); without, through /write?db=, which all versions have. */
  readonly org?: string;
  /** Makes the database when it opens (1.x). */
  readonly create?: boolean;
  /** Asks the server for its version, and writes and creates as that has it. */
  readonly detect?: boolean;
  readonly receivedAt?: ReceivedAt;
  readonly hold?: Hold;
  readonly timeoutMs?: number;
  /** Compresses what is written; worth it over a wide-area network only. */
  readonly gzip?: boolean;
}

/** Lengths of the buckets that steps are made of, s, and how many of them one series is told in at most. */
const BUCKETS_S = [1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200, 86_400];
const MOST_BUCKETS = 10_000;
/** One statement looks at the samples of so many days at most: all buckets divide a day. */
const DAY_MS = 86_400_000;
const MOST_DAYS = 31;

/** Newest samples of a series that are asked for where some of them may have come late. */
const NEWEST = 8;

/** Lines sent in one request. */
const CHUNK = 5000;

/**
 * InfluxDB through its official client (write) and InfluxQL over /query (read), which 1.x, 2.x and 3.x share. A write is
 * acknowledged by the server before it counts; the client neither buffers nor retries.
 */
export class InfluxStore implements TelemetryStore {
  readonly #options: InfluxStoreOptions;
  readonly #query: InfluxQuery;
  readonly #hold: Hold;
  readonly #lines = new LineWriter();
  readonly #checked = new WeakSet<SeriesKey>();
  #writeApi: WriteApi | undefined;
  #made = false;
  #version: 1 | 2 | 3 | undefined;

  constructor(options: InfluxStoreOptions) {
    this.#options = options;
    this.#hold = options.hold ?? defaultHold;
    this.#query = new InfluxQuery(options);
  }

  /** A server that is away now does not keep it from opening: its database is made before the first write. */
  async open(): Promise<void> {
    this.#writeApi ??= influxWriter(this.#options);
    await this.#make().catch((error: unknown) => {
      if (!isStoreAway(error)) throw error;
    });
  }

  async close(): Promise<void> {
    this.#writeApi?.dispose();
    this.#writeApi = undefined;
  }

  async write(points: readonly Point[]): Promise<void> {
    assertStorable(points, this.#checked);
    const api = this.#writeApi;
    if (api === undefined) throw new LoadstoneError('LS-STORE-001', 'the store is not open');
    await this.#make();
    for (let from = 0; from < points.length; from += CHUNK) {
      // One record of many lines: the client takes it as it is, and flush answers for this request alone.
      api.writeRecord(this.#lines.lines(points.slice(from, from + CHUNK)).join('\n'));
      try {
        await api.flush();
      } catch (error) {
        throw writeFault(error, this.#options);
      }
    }
  }

  async #make(): Promise<void> {
    if (this.#made) return;
    const { detect, create, database } = this.#options;
    if (detect === true) {
      this.#version ??= await influxVersion(this.#options);
      if (this.#version !== 2) this.#writeApi!.path = pathOf(database);
    }
    if (create === true || this.#version === 1) await this.#query.createDatabase();
    this.#made = true;
  }

  async read(query: RangeQuery): Promise<Sample[][]> {
    const found = await this.#samples(query, query.start);
    return found.map((samples) => samples.map(plain));
  }

  async intervals(query: RangeQuery & { readonly resolutionS: number }): Promise<Interval[][]> {
    const grid = gridOf(query);
    const found = await this.#samples(query, grid.start - lookbackMs(this.#hold));
    return found.map((samples) => intervalMeans(samples, grid, this.#hold, query.asOf));
  }

  /** Of buckets that divide a step and are as short as may be, series by series. */
  async steps(query: RangeQuery & { readonly resolutionS: number }): Promise<Step[][]> {
    const grid = gridOf(query);
    const start = Math.max(0, grid.start - lookbackMs(this.#hold));
    const { end, resolutionS } = query;
    const few = (each: number): boolean => (end - start) / (1000 * each) <= MOST_BUCKETS;
    const bucketS = BUCKETS_S.find((each) => resolutionS % each === 0 && few(each)) ?? resolutionS;
    const found: Step[][] = [];
    for (const series of query.series) {
      const buckets: Bucket[] = [];
      for (let from = start; from < end; from = untilOf(from)) {
        const until = Math.min(end, untilOf(from));
        buckets.push(...(await this.#query.buckets(series, { start: from, end: until, bucketS })));
      }
      found.push(bucketSteps(buckets, 1000 * bucketS, grid, this.#hold));
    }
    return found;
  }

  /** What came late may be the newest many times over: then all of the range is looked through. */
  async latest(query: RangeQuery): Promise<(Sample | undefined)[]> {
    const { series, asOf } = query;
    const most = asOf === undefined ? 1 : NEWEST;
    const found = await this.#query.latest(series, { ...query, most });
    const known = this.#knownAt(asOf);
    const answers: (StoredSample | undefined)[] = [];
    for (const key of series) {
      const newest = found.get(seriesId(key)) ?? [];
      const [first] = known(key.gateway, newest);
      const isLate = first === undefined && newest.length === most;
      answers.push(isLate ? (await this.#samples({ ...query, series: [key] }, query.start))[0]!.at(-1) : first);
    }
    return answers.map((sample) => sample && plain(sample));
  }

  async #samples(query: RangeQuery, start: number): Promise<StoredSample[][]> {
    const { asOf, end } = query;
    const found = await this.#query.range(query.series, Math.max(0, start), end);
    const known = this.#knownAt(asOf);
    return query.series.map((key) => known(key.gateway, found.get(seriesId(key)) ?? []));
  }

  /** Of samples of a gateway, those that the cloud had at `asOf`. */
  #knownAt(asOf: number | undefined): (gateway: string, samples: StoredSample[]) => StoredSample[] {
    if (asOf === undefined) return (_gateway, samples) => samples;
    const asked = new Map<string, Known>();
    return (gateway, samples) => {
      let known = asked.get(gateway);
      if (known === undefined)
        asked.set(gateway, (known = this.#options.receivedAt?.known(gateway, asOf) ?? { ranges: [], archives: [] }));
      return samples.filter((sample) => isKnown(known, sample, asOf));
    };
  }
}

const plain = ({ time, value, quality, origin }: StoredSample): Sample => ({ time, value, quality, origin });

const untilOf = (from: number): number => (Math.floor(from / DAY_MS) + MOST_DAYS) * DAY_MS;

/** A writer of the official client that sends exactly what it is given, once. */
export function influxWriter(options: Omit<InfluxStoreOptions, 'receivedAt' | 'hold' | 'create'>): WriteApi {
  const { url, token, org, database } = options;
  const client = new InfluxDB({ url, timeout: options.timeoutMs ?? 10_000, ...(token === undefined ? {} : { token }) });
  const api = client.getWriteApi(org ?? '', database, 'ns', {
    batchSize: CHUNK + 1,
    flushInterval: 0,
    maxRetries: 0,
    gzipThreshold: options.gzip === true ? 1000 : Number.MAX_SAFE_INTEGER,
  });
  if (org === undefined) api.path = pathOf(database);
  return api;
}

/** Where all versions take points. */
const pathOf = (database: string): string => `/write?db=${encodeURIComponent(database)}`;

/** 400 and 422 are about the points (LS-STORE-002: sending them again is no use); all else is about the store. */
function writeFault(error: unknown, server: InfluxStoreOptions): LoadstoneError {
  const message = error instanceof Error ? error.message : String(error);
  const refused = error instanceof HttpError && (error.statusCode === 400 || error.statusCode === 422);
  const status = error instanceof HttpError ? error.statusCode : 0;
  const remedy = influxRemedy(status, message, server);
  return new LoadstoneError(refused ? 'LS-STORE-002' : 'LS-STORE-001', `${message.slice(0, 300)}${remedy}`);
}
