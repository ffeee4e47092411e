import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { emptyInterval } from './hold.ts';
import { influxRemedy } from './influx-server.ts';
import { LATE, MEASUREMENT, parseStamp, quoted, ROLLUP, seriesCondition } from './line-protocol.ts';
import { offsetOfMark, originOfMark, qualityOf, qualityOfMark } from './marks.ts';
import { seriesId } from './series-id.ts';
import type { Interval, Point, SeriesKey } from './store.ts';

export interface InfluxQueryOptions {
  readonly url: string;
  readonly database: string;
  readonly token?: string;
  readonly timeoutMs?: number;
  readonly gzip?: boolean;
}

export type StoredSample = Omit<Point, 'series'>;

/** The server answers, but rejects this statement or is too slow for it; other statements may work. */
export class StatementFault extends LoadstoneError {
  constructor(detail: string) {
    super('LS-STORE-001', detail);
  }
}

type BySeries = Map<string, StoredSample[]>;

interface OfSeries<Value> {
  readonly key: SeriesKey;
  readonly value: Value;
}

/** Maximum number of series per statement. */
const SERIES_AT_ONCE = 40;

const Answer = Compile(
  Type.Object({
    error: Type.Optional(Type.String()),
    results: Type.Optional(
      Type.Array(
        Type.Object({
          error: Type.Optional(Type.String()),
          partial: Type.Optional(Type.Boolean()),
          series: Type.Optional(
            Type.Array(
              Type.Object({
                tags: Type.Optional(Type.Record(Type.String(), Type.String())),
                columns: Type.Array(Type.String()),
                values: Type.Array(Type.Array(Type.Unknown())),
              }),
            ),
          ),
        }),
      ),
    ),
  }),
);

/** Reads with InfluxQL. Times come as RFC 3339 text, because nanoseconds do not fit a JSON number. */
export class InfluxQuery {
  readonly #options: InfluxQueryOptions;
  readonly #ended = new AbortController();

  constructor(options: InfluxQueryOptions) {
    this.#options = options;
  }

  /** Aborts pending requests. */
  close(): void {
    this.#ended.abort();
  }

  /** Uses a short timeout, so that a frozen server does not delay the start. */
  async createDatabase(): Promise<void> {
    const name = this.#options.database.replaceAll('"', String.raw`\"`);
    await this.#ask(`CREATE DATABASE "${name}"`, 'POST', Math.min(this.#options.timeoutMs ?? 3000, 3000));
  }

  /** Samples of [start, end) ms, ordered by time and offset. */
  range(series: readonly SeriesKey[], start: number, end: number): Promise<BySeries> {
    const condition = `time >= ${Math.ceil(start)}ms AND time < ${Math.ceil(end)}ms`;
    return this.#select(series, (keys) => `${seriesCondition(keys)} AND ${condition} GROUP BY gateway, device, metric`);
  }

  /** Gateways that have samples. */
  async gateways(): Promise<string[]> {
    const [found] = await this.#ask(`SHOW TAG VALUES FROM ${MEASUREMENT} WITH KEY = gateway`, 'GET');
    return (found?.values ?? []).map(([, gateway]) => String(gateway));
  }

  /** Time of the newest sample of each series of a gateway. */
  newest(gateway: string): Promise<OfSeries<number>[]> {
    return this.#selectOf(gateway, `last(value) FROM ${MEASUREMENT}`, ([time]) => parseStamp(String(time)).time);
  }

  /** Time of the first sample of a series. */
  async first(key: SeriesKey): Promise<number | undefined> {
    const [found] = await this.#ask(`SELECT first(value) FROM ${MEASUREMENT} WHERE ${seriesCondition([key])}`, 'GET');
    return found === undefined ? undefined : parseStamp(String(found.values[0]?.[0])).time;
  }

  /** Start of the newest closing roll-up of each series of a gateway. */
  rolled(gateway: string): Promise<OfSeries<number>[]> {
    return this.#selectOf(gateway, `last(closes) FROM ${ROLLUP}`, ([time]) => parseStamp(String(time)).time);
  }

  /** Days of a gateway's series that are noted as late and not done. */
  late(gateway: string): Promise<OfSeries<{ readonly at: number; readonly id: number }>[]> {
    return this.#selectOf(
      gateway,
      `late, done FROM ${LATE}`,
      ([time, id]) => ({ at: parseStamp(String(time)).time, id: Number(id) }),
      ' AND late != done',
    );
  }

  /** Roll-ups of [start, end) ms, in order of time; quarters without data may be missing. */
  async rollups(series: readonly SeriesKey[], start: number, end: number): Promise<Map<string, Interval[]>> {
    const time = `time >= ${start}ms AND time < ${end}ms`;
    return this.#bySeries(series, rollupOf, (keys) => ({
      select: `mean, min, max, coverage, quality FROM ${ROLLUP}`,
      where: `${seriesCondition(keys)} AND ${time} GROUP BY gateway, device, metric`,
    }));
  }

  /** The newest samples of [start, end) ms, newest first. */
  latest(
    series: readonly SeriesKey[],
    { start, end, most }: { readonly start: number; readonly end: number; readonly most: number },
  ): Promise<BySeries> {
    const condition = `time >= ${Math.ceil(start)}ms AND time < ${Math.ceil(end)}ms`;
    return this.#select(
      series,
      (keys) =>
        `${seriesCondition(keys)} AND ${condition} GROUP BY gateway, device, metric ORDER BY time DESC LIMIT ${most}`,
    );
  }

  #select(series: readonly SeriesKey[], where: (keys: readonly SeriesKey[]) => string): Promise<BySeries> {
    const select = `value, mark FROM ${MEASUREMENT}`;
    return this.#bySeries(series, sampleOf, (keys) => ({ select, where: where(keys) }));
  }

  async #bySeries<Row>(
    series: readonly SeriesKey[],
    rowOf: (row: readonly unknown[]) => Row,
    statement: (keys: readonly SeriesKey[]) => { readonly select: string; readonly where: string },
  ): Promise<Map<string, Row[]>> {
    const found = new Map<string, Row[]>();
    for (let from = 0; from < series.length; from += SERIES_AT_ONCE) {
      const { select, where } = statement(series.slice(from, from + SERIES_AT_ONCE));
      for (const { tags, values } of await this.#ask(`SELECT ${select} WHERE ${where}`, 'GET'))
        found.set(seriesId(keyOf(tags)), values.map(rowOf));
    }
    return found;
  }

  /** The rows of all series of a gateway. */
  async #selectOf<Row>(
    gateway: string,
    select: string,
    rowOf: (row: readonly unknown[]) => Row,
    condition = '',
  ): Promise<OfSeries<Row>[]> {
    const where = `gateway = ${quoted(gateway)}${condition} GROUP BY gateway, device, metric`;
    const found = await this.#ask(`SELECT ${select} WHERE ${where}`, 'GET');
    return found.flatMap(({ tags, values }) => values.map((row) => ({ key: keyOf(tags), value: rowOf(row) })));
  }

  async #ask(statement: string, method: 'GET' | 'POST', timeoutMs = this.#options.timeoutMs ?? 30_000) {
    const { url, database, token, gzip } = this.#options;
    const target = new URL('query', url.endsWith('/') ? url : `${url}/`);
    target.search = new URLSearchParams({ db: database, q: statement }).toString();
    // By default fetch requests compression, which costs the server more than finding the samples.
    const encoding = gzip === true ? 'gzip' : 'identity';
    const headers: Record<string, string> = { accept: 'application/json', 'accept-encoding': encoding };
    if (token !== undefined) headers['authorization'] = `Token ${token}`;
    let body: unknown;
    let status = 0;
    const server = { url, database, ...(token === undefined ? {} : { token }) };
    try {
      const response = await fetch(target, {
        method,
        headers,
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#ended.signal]),
      });
      status = response.status;
      const text = await response.text();
      body = text.startsWith('{') ? JSON.parse(text) : { message: text };
      if (!response.ok && !Object.hasOwn(Object(body), 'error'))
        body = { error: `the server answers ${status} ${Object(body).message ?? ''}`.trim() };
    } catch (error) {
      throw new LoadstoneError('LS-STORE-001', `InfluxDB at ${url}: ${messageOf(error)}`);
    }
    if (!Answer.Check(body))
      throw new LoadstoneError(
        'LS-STORE-001',
        `InfluxDB at ${url} answers ${status} without results${influxRemedy(status, '', server)}`,
      );
    const failure = body.error ?? body.results?.find((result) => result.error !== undefined)?.error;
    if (failure !== undefined)
      throw new StatementFault(`InfluxDB at ${url}: ${failure.slice(0, 300)}${influxRemedy(status, failure, server)}`);
    if (body.results?.some((result) => result.partial === true) === true) {
      throw new StatementFault(`InfluxDB at ${url} truncated its answer: raise max-row-limit`);
    }
    return body.results?.flatMap((result) => result.series ?? []) ?? [];
  }
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
};

function sampleOf(row: readonly unknown[]): StoredSample {
  const stamp = parseStamp(String(row[0]));
  const mark = typeof row[2] === 'number' ? row[2] : 0;
  return {
    time: stamp.time,
    offset: offsetOfMark(mark, stamp.low),
    value: Number(row[1]),
    quality: qualityOfMark(mark),
    origin: originOfMark(mark),
  };
}

const keyOf = ({ gateway = '', device = '', metric = '' }: Readonly<Record<string, string>> = {}): SeriesKey => ({
  gateway,
  device,
  metric,
});

function rollupOf([time, mean, min, max, coverage, quality]: readonly unknown[]): Interval {
  const start = parseStamp(String(time)).time;
  const covered = Number(coverage);
  if (covered === 0) return emptyInterval(start);
  const values = { mean: Number(mean), min: Number(min), max: Number(max) };
  return { start, ...values, coverage: covered, quality: qualityOf(Number(quality)) };
}
