import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Bucket } from './hold.ts';
import { influxRemedy } from './influx-server.ts';
import { MEASUREMENT, parseStamp, seriesCondition } from './line-protocol.ts';
import { offsetOfMark, originOfMark, qualityOfMark } from './marks.ts';
import { seriesId } from './series-id.ts';
import type { Point, SeriesKey } from './store.ts';

export interface InfluxQueryOptions {
  readonly url: string;
  readonly database: string;
  readonly token?: string;
  readonly timeoutMs?: number;
}

export type StoredSample = Omit<Point, 'series'>;

type BySeries = Map<string, StoredSample[]>;

/** Series that one statement asks for. */
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

/** Reads by InfluxQL. Times come back as RFC 3339 text, since nanoseconds do not fit a JSON number. */
export class InfluxQuery {
  readonly #options: InfluxQueryOptions;

  constructor(options: InfluxQueryOptions) {
    this.#options = options;
  }

  /** Does not wait long: whoever starts does not wait for a server that is frozen. */
  async createDatabase(): Promise<void> {
    const name = this.#options.database.replaceAll('"', String.raw`\"`);
    await this.#ask(`CREATE DATABASE "${name}"`, 'POST', Math.min(this.#options.timeoutMs ?? 3000, 3000));
  }

  /** Samples of [start, end) ms, in the order of time and offset. */
  range(series: readonly SeriesKey[], start: number, end: number): Promise<BySeries> {
    const condition = `time >= ${Math.ceil(start)}ms AND time < ${Math.ceil(end)}ms`;
    return this.#select(series, (keys) => `${seriesCondition(keys)} AND ${condition} GROUP BY gateway, device, metric`);
  }

  /** Of one series, the buckets of [start, end) ms that have samples, in order of time. */
  async buckets(
    series: SeriesKey,
    { start, end, bucketS }: { readonly start: number; readonly end: number; readonly bucketS: number },
  ): Promise<Bucket[]> {
    const [answer] = await this.#ask(
      `SELECT mean(value), min(value), max(value), last(value), count(value) FROM ${MEASUREMENT} WHERE ${seriesCondition([series])} AND time >= ${Math.ceil(start)}ms AND time < ${Math.ceil(end)}ms GROUP BY time(${bucketS}s) fill(none)`,
      'GET',
    );
    return (answer?.values ?? []).map(([time, mean, min, max, last, n]) => ({
      start: parseStamp(String(time)).time,
      mean: Number(mean),
      min: Number(min),
      max: Number(max),
      last: Number(last),
      samples: Number(n),
    }));
  }

  /** The newest of [start, end) ms, newest first. */
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

  async #select(series: readonly SeriesKey[], where: (keys: readonly SeriesKey[]) => string): Promise<BySeries> {
    const found: BySeries = new Map();
    for (let from = 0; from < series.length; from += SERIES_AT_ONCE) {
      const keys = series.slice(from, from + SERIES_AT_ONCE);
      const answer = await this.#ask(`SELECT value, mark FROM ${MEASUREMENT} WHERE ${where(keys)}`, 'GET');
      for (const { tags, values } of answer) {
        const { gateway = '', device = '', metric = '' } = tags ?? {};
        found.set(seriesId({ gateway, device, metric }), values.map(sampleOf));
      }
    }
    return found;
  }

  async #ask(statement: string, method: 'GET' | 'POST', timeoutMs = this.#options.timeoutMs ?? 30_000) {
    const { url, database, token } = this.#options;
    const target = new URL('query', url.endsWith('/') ? url : `${url}/`);
    target.search = new URLSearchParams({ db: database, q: statement }).toString();
    const headers: Record<string, string> = { accept: 'application/json' };
    if (token !== undefined) headers['authorization'] = `Token ${token}`;
    let body: unknown;
    let status = 0;
    const server = { url, database, ...(token === undefined ? {} : { token }) };
    try {
      const response = await fetch(target, {
        method,
        headers,
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.status;
      const text = await response.text();
      body = text.startsWith('{') ? JSON.parse(text) : { message: text };
      if (!response.ok && !Object.hasOwn(Object(body), 'error'))
        body = { error: `it answers ${status} ${Object(body).message ?? ''}`.trim() };
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
      throw new LoadstoneError(
        'LS-STORE-001',
        `InfluxDB at ${url}: ${failure.slice(0, 300)}${influxRemedy(status, failure, server)}`,
      );
    if (body.results?.some((result) => result.partial === true) === true) {
      throw new LoadstoneError('LS-STORE-001', `InfluxDB at ${url} cut its answer: raise max-row-limit`);
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
