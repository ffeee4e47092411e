import { HttpError, InfluxDB, setLogger, type WriteApi } from '@influxdata/influxdb-client';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { isKnown, type Known, type ReceivedAt } from './as-of.ts';
import { defaultHold, gridOf, intervalMeans, joinIntervals, lookbackMs, type Hold } from './hold.ts';
import { influxRemedy, influxVersion } from './influx-server.ts';
import { InfluxQuery, type StoredSample } from './influx-query.ts';
import { InfluxRollups } from './influx-rollups.ts';
import { LineWriter } from './line-protocol.ts';
import { assertStorable } from './points.ts';
import { inPlaceOf, ROLLUP_MS } from './quarters.ts';
import { seriesId } from './series-id.ts';
import { isStoreAway } from './store-away.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import type {
  Interval,
  IntervalsQuery,
  Point,
  RangeQuery,
  SeriesKey,
  TelemetryStore,
  WaitingRollups,
} from './store.ts';

// The rejected promise already carries what the client logs.
setLogger({ error: () => undefined, warn: () => undefined });

export interface InfluxStoreOptions {
  readonly url: string;
  /** Database (1.x, 3.x), or bucket mapped to a database of this name (2.x DBRP). */
  readonly database: string;
  readonly token?: string;
  /** With an organisation, points are written through /api/v2/write (2.x); without, through /write?db=, which all versions have. */
  readonly org?: string;
  /** Creates the database on open (1.x). */
  readonly create?: boolean;
  /** Detects the server's version, and writes and creates accordingly. */
  readonly detect?: boolean;
  readonly receivedAt?: ReceivedAt;
  readonly hold?: Hold;
  readonly timeoutMs?: number;
  /** Compresses requests and answers; worth it only over a wide-area network. */
  readonly gzip?: boolean;
  /** True while no other cloud can have taken over; otherwise no roll-up is written. Absent: none ever does. */
  readonly isAlone?: () => boolean;
  /** A series or a gateway cannot be rolled up now and will be retried; called once for each cause. */
  readonly onRollupFault?: ((error: Error) => void) | undefined;
}

/** Approximate maximum of samples or roll-ups in one answer, because parsing it blocks the thread. */
const SLICE_SAMPLES = 20_000;
const DAY_MS = 86_400_000;
const MOST_SLICE_MS = 32 * DAY_MS;

/** Newest samples requested per series when some of them may have come late. */
const NEWEST = 8;

/** Lines per request. */
const CHUNK = 5000;

/**
 * InfluxDB through its official client (write) and InfluxQL over /query (read), which 1.x, 2.x and 3.x share. A write counts only once the
 * server has acknowledged it; the client neither buffers nor retries.
 */
export class InfluxStore implements TelemetryStore {
  readonly #options: InfluxStoreOptions;
  readonly #query: InfluxQuery;
  readonly #hold: Hold;
  readonly #lines = new LineWriter();
  readonly #rollups: InfluxRollups;
  readonly #checked = new WeakSet<SeriesKey>();
  #writeApi: WriteApi | undefined;
  #made = false;
  #version: 1 | 2 | 3 | undefined;

  constructor(options: InfluxStoreOptions) {
    this.#options = options;
    this.#hold = options.hold ?? defaultHold;
    this.#query = new InfluxQuery(options);
    this.#rollups = new InfluxRollups({
      query: this.#query,
      hold: this.#hold,
      slices: (key, start, end) => this.#quarters(key, start, end),
      send: (lines) => this.#send(lines).catch(unlessExpired),
      isAlone: options.isAlone ?? (() => true),
      onFault: options.onRollupFault,
    });
  }

  /** Opens even if the server does not answer; its database is then created before the first write. */
  async open(): Promise<void> {
    this.#writeApi ??= influxWriter(this.#options);
    await this.#make().catch((error: unknown) => {
      if (!isStoreAway(error)) throw error;
    });
    // Gateways that fail now are queried again when needed.
    this.#rollups.load().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#rollups.close();
    this.#query.close();
    this.#writeApi?.dispose();
    this.#writeApi = undefined;
  }

  async write(points: readonly Point[]): Promise<void> {
    assertStorable(points, this.#checked);
    const writing = this.#rollups.begin(points);
    let isStored = false;
    try {
      await this.#make();
      await this.#send([...writing.notes, ...this.#lines.lines(points)]);
      isStored = true;
    } finally {
      writing.end(isStored);
    }
  }

  async #send(lines: readonly string[]): Promise<void> {
    const api = this.#writeApi;
    if (api === undefined) throw new LoadstoneError('LS-STORE-001', 'the telemetry store is not open');
    for (let from = 0; from < lines.length; from += CHUNK) {
      // One record with many lines: the client sends it as it is, and flush reports on this request alone.
      api.writeRecord(lines.slice(from, from + CHUNK).join('\n'));
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

  async intervals(query: IntervalsQuery): Promise<Interval[][]> {
    const { series, asOf, end } = query;
    const grid = gridOf(query);
    const gridEnd = grid.start + grid.count * grid.stepMs;
    if (asOf !== undefined || grid.stepMs % ROLLUP_MS !== 0)
      return this.#means(series, { ...query, start: grid.start, end: gridEnd, until: end });
    const standing = await Promise.all(series.map((key) => this.#rollups.standing(key)));
    const splits = standing.map(({ upTo }) => Math.min(Math.max(upTo, grid.start), gridEnd));
    const found = series.map((): Interval[] => []);
    const quarters = { resolutionS: ROLLUP_MS / 1000, until: end };
    for (const split of new Set(splits)) {
      const which = [...series.keys()].filter((at) => splits[at] === split);
      const keys = which.map((at) => series[at]!);
      const rolled = await this.#rolled(keys, grid.start, split);
      const rest = await this.#means(keys, { ...quarters, start: split, end: gridEnd });
      for (const [i, at] of which.entries()) {
        let mended: Interval[] = [];
        // Late points are not in any roll-up yet.
        for (const { from, to } of standing[at]!.late) {
          const span = { start: Math.max(from, grid.start), end: Math.min(to, split) };
          if (span.start < span.end)
            mended = mended.concat(...(await this.#means([series[at]!], { ...quarters, ...span })));
        }
        found[at] = [...inPlaceOf(rolled[i]!, mended), ...rest[i]!];
      }
    }
    return found.map((parts) => joinIntervals(parts, ROLLUP_MS, grid));
  }

  /** Stops without waiting for the server: work in progress is lost, and is done again at the next start. */
  async maintain(now: number, stopping?: AbortSignal): Promise<boolean> {
    const piece = this.#make().then(() => this.#rollups.piece(now, stopping));
    if (stopping === undefined) return piece;
    const { promise: stopped, resolve } = Promise.withResolvers<boolean>();
    const stop = (): void => resolve(false);
    stopping.addEventListener('abort', stop);
    try {
      if (stopping.aborted) stop();
      return await Promise.race([piece, stopped]);
    } finally {
      stopping.removeEventListener('abort', stop);
    }
  }

  waitingRollups(): WaitingRollups {
    return this.#rollups.waiting;
  }

  /** Many of the newest samples may have come late; then the whole range is searched. */
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

  /** Stored quarters; those without data may be missing. */
  async #rolled(series: readonly SeriesKey[], start: number, end: number): Promise<Interval[][]> {
    const found = series.map((): Interval[] => []);
    const sliceMs = Math.ceil(SLICE_SAMPLES / series.length) * ROLLUP_MS;
    for (let from = start; from < end; from += sliceMs) {
      const rows = await this.#query.rollups(series, from, Math.min(end, from + sliceMs));
      for (const [at, key] of series.entries()) found[at]!.push(...(rows.get(seriesId(key)) ?? []));
    }
    return found;
  }

  /** Intervals from samples only, on a grid that begins at `start`; samples at or after `until` do not count. */
  async #means(series: readonly SeriesKey[], span: Span): Promise<Interval[][]> {
    const found = series.map((): Interval[] => []);
    for await (const { intervals } of this.#slices(series, span))
      for (const [at, each] of intervals.entries()) found[at]!.push(...each);
    return found;
  }

  async *#quarters(key: SeriesKey, start: number, end: number) {
    const span = { start, end, until: end, resolutionS: ROLLUP_MS / 1000 };
    for await (const { end: to, intervals, samples } of this.#slices([key], span))
      yield { end: to, quarters: intervals[0]!, samples };
  }

  /** Reads a long span in slices, each with as many samples as an answer may hold. */
  async *#slices(series: readonly SeriesKey[], span: Span) {
    const { end, until, resolutionS, asOf } = span;
    const stepMs = 1000 * resolutionS;
    let sliceMs = Math.max(DAY_MS / 24, DAY_MS / series.length);
    for (let { start } = span; start < end;) {
      const to = Math.min(end, start + Math.max(1, Math.floor(sliceMs / stepMs)) * stepMs);
      const query = { series, start, end: Math.min(to, until), ...(asOf !== undefined && { asOf }) };
      const found = await this.#samples(query, start - lookbackMs(this.#hold));
      const grid = { start, stepMs, count: Math.round((to - start) / stepMs) };
      const samples = found.reduce((sum, each) => sum + each.length, 0);
      yield { end: to, intervals: found.map((each) => intervalMeans(each, grid, this.#hold, asOf)), samples };
      if (samples > SLICE_SAMPLES) sliceMs /= 2;
      else if (samples < SLICE_SAMPLES / 3) sliceMs = Math.min(2 * sliceMs, MOST_SLICE_MS);
      start = to;
    }
  }

  async #samples(query: RangeQuery, start: number): Promise<StoredSample[][]> {
    const { asOf, end } = query;
    const found = await this.#query.range(query.series, Math.max(0, start), end);
    const known = this.#knownAt(asOf);
    return query.series.map((key) => known(key.gateway, found.get(seriesId(key)) ?? []));
  }

  /** A filter for the samples of a gateway that the cloud had stored by `asOf`. */
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

/** Whole steps from `start` to `end`; samples count before `until`. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly until: number;
  readonly resolutionS: number;
  readonly asOf?: number;
}

/** A roll-up older than the server's retention is useless. */
const unlessExpired = (error: unknown): void => {
  const isExpired = error instanceof LoadstoneError && /retention policy/.test(error.message);
  if (!isExpired) throw error;
};

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

/** The write path that all versions support. */
const pathOf = (database: string): string => `/write?db=${encodeURIComponent(database)}`;

/** 400 and 422 mean bad points (LS-STORE-002: resending is useless); everything else means a store problem (LS-STORE-001). */
function writeFault(error: unknown, server: InfluxStoreOptions): LoadstoneError {
  const message = messageOf(error);
  const refused = error instanceof HttpError && (error.statusCode === 400 || error.statusCode === 422);
  const status = error instanceof HttpError ? error.statusCode : 0;
  const remedy = influxRemedy(status, message, server);
  return new LoadstoneError(
    refused ? 'LS-STORE-002' : 'LS-STORE-001',
    `InfluxDB at ${server.url}: ${message.slice(0, 300)}${remedy}`,
  );
}
