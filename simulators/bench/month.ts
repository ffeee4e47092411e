import { join } from 'node:path';
import { prunesOf } from '../../cloud/compose/retention.ts';
import { closeStores, makeStores, openStores, type Stores } from '../../cloud/compose/stores.ts';
import { sizesIn } from '../../cloud/retention/sizes.ts';
import { dataFiles } from '../../cloud/telemetry/data-files.ts';
import { openToRead } from '../../cloud/telemetry/sqlite.ts';
import type { Point, SeriesKey, TelemetryStore } from '../../cloud/telemetry/store.ts';
import { WorkerStore } from '../../cloud/telemetry/worker-store.ts';
import { encodeFrame } from '../../shared/codec/sparkplug.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { heapBytes } from './memory.ts';
import { readRecording, type Recording } from './recording.ts';
import { Written } from './written.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** As the cloud works: forecasts every quarter of an hour, about four plans an hour, roll-ups every ten minutes. */
const FORECAST_MIN = 15;
const PLAN_MIN = 15;
const PRUNE_MIN = 10;
const EVENTS_PER_DAY = 150;
const DOCUMENT_DAYS = 14;
const STAGES = ['received', 'accepted', 'applied', 'superseded'] as const;
/** Minutes written to the stores concurrently. */
const MINUTES_AT_ONCE = 5;

export interface MonthOptions {
  readonly folder: string;
  readonly days: number;
  /** Names of the gateways. */
  readonly names: readonly string[];
  /** Plant time of the first minute, ms UTC. */
  readonly start?: number;
  readonly say: (line: string) => void;
}

/** Bytes per gateway and day. */
interface PerGatewayDay {
  /** Sparkplug frames and events. */
  readonly up: number;
  /** Plans. */
  readonly down: number;
  readonly stores: Readonly<Record<string, number>>;
  /** Bytes written to files, including logs and rewrites: by store, and by the pruner. */
  readonly written: Readonly<Record<string, number>>;
}

export interface MonthFigures {
  readonly points: number;
  /** Slope of the main thread's heap after the first sixth; null if there are too few days. */
  readonly heapSlopeMbPerDay: number | null;
  readonly heapMb: readonly number[];
  /** Largest CPU time that one pruner batch took on the main thread. */
  readonly pruneMs: number;
  readonly completenessMs: number;
  readonly restartSeconds: number;
  /** Plans and other documents at the end, including reports and freed pages of their tables. */
  readonly documentsMbPerSubstation: number;
  readonly bytesPerGatewayDay: PerGatewayDay;
}

interface Open {
  readonly stores: Stores;
  readonly telemetry: TelemetryStore;
}

async function opened(folder: string): Promise<Open> {
  const stores = makeStores(folder, dataFiles(folder), (error) => {
    throw error;
  });
  await openStores(stores);
  const telemetry = new WorkerStore({ path: join(folder, 'telemetry.sqlite'), receivedAt: stores.ledger });
  await telemetry.open();
  return { stores, telemetry };
}

async function closed({ stores, telemetry }: Open): Promise<void> {
  await telemetry.close();
  closeStores(stores);
}

/** Plays recorded data through the real stores, shifted to each gateway and minute, without solving anything. */
export async function playMonth(options: MonthOptions): Promise<MonthFigures> {
  const { folder, days, names, start = Date.UTC(2026, 0, 1), say } = options;
  const recording = await readRecording(`${folder}-recorded`);
  const open = await opened(folder);
  const month = new Month(open, recording, names);
  const before = bytesByStore(folder);
  const heapMb: number[] = [];
  const asks: number[] = [];
  const minutes = Math.ceil(days * 1440);
  for (let minute = 0; minute < minutes; minute += MINUTES_AT_ONCE) {
    const now = start + minute * MINUTE_MS;
    await month.play(now, minute);
    if (minute % 60 === 0) await month.written.during('ledger', () => open.stores.ledger.compact(now));
    if (minute % 1440 < MINUTES_AT_ONCE && minute > 0) {
      heapMb.push(Math.round(heapBytes() / 1e4) / 100);
      for (const gateway of names) asks.push(await asked(open, gateway, now));
      say(`day ${Math.floor(minute / 1440)}: ${month.points} points, heap ${heapMb.at(-1)} MB`);
    }
  }
  for (const gateway of names) asks.push(await asked(open, gateway, start + minutes * MINUTE_MS));
  await closed(open);
  const from = performance.now();
  const again = await opened(folder);
  const restartSeconds = round((performance.now() - from) / 1000);
  await closed(again);
  const after = bytesByStore(folder);
  const share = 1 / (names.length * days);
  const perDay = (all: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(all).map(([name, bytes]) => [name, Math.round(bytes * share)]));
  const grown = Object.entries(after).map(([name, bytes]) => [name, bytes - (before[name] ?? 0)] as const);
  return {
    points: month.points,
    heapSlopeMbPerDay: slope(heapMb.slice(Math.floor(heapMb.length / 6))),
    heapMb,
    pruneMs: round(month.pruneMs),
    completenessMs: round(asks.toSorted((a, b) => a - b)[Math.floor(asks.length / 2)] ?? 0),
    restartSeconds,
    documentsMbPerSubstation: round((after['documents'] ?? 0) / 1e6 / names.length),
    bytesPerGatewayDay: {
      up: Math.round(month.up * share),
      down: Math.round(month.down * share),
      stores: perDay(Object.fromEntries(grown)),
      written: perDay(month.written.bytes('telemetry')),
    },
  };
}

class Month {
  readonly #open: Open;
  readonly #recording: Recording;
  readonly #names: readonly string[];
  readonly #series: readonly (readonly SeriesKey[])[][];
  readonly #random = new SeededRandom(1, 'month');
  readonly #offsets: number[];
  points = 0;
  up = 0;
  down = 0;
  pruneMs = 0;
  readonly written = new Written();

  constructor(open: Open, recording: Recording, names: readonly string[]) {
    this.#open = open;
    this.#recording = recording;
    this.#names = names;
    this.#series = names.map((gateway) =>
      recording.devices.map(({ device, metrics }) => metrics.map((metric) => ({ gateway, device, metric }))),
    );
    // Continues behind the data already in the folder.
    this.#offsets = names.map((gateway) => open.stores.ledger.nextOffset(gateway, 'measurements', 7));
  }

  /** Plays `MINUTES_AT_ONCE` minutes from `now` on. */
  async play(now: number, minute: number): Promise<void> {
    const { ledger } = this.#open.stores;
    const points: Point[] = [];
    const entries: Parameters<typeof ledger.record>[0][number][] = [];
    for (let later = 0; later < MINUTES_AT_ONCE; later++)
      for (const [index, gateway] of this.#names.entries())
        for (const [device, series] of this.#series[index]!.entries()) {
          const time = now + later * MINUTE_MS + device * 1000;
          const offset = this.#offsets[index]!++;
          this.#frame(points, series, { time, offset });
          entries.push({ gateway, stream: 'measurements', run: 7, offset, time });
        }
    await this.#open.telemetry.write(points);
    const { written } = this;
    await written.during('ledger', () => ledger.record(entries, now + MINUTES_AT_ONCE * MINUTE_MS));
    this.points += points.length;
    await written.during('events', () => this.#events(now, minute));
    if (minute % FORECAST_MIN === 0) await written.during('forecasts', () => this.#forecasts(now));
    if (minute % PLAN_MIN === 0) await written.during('documents', () => this.#plans(now, minute));
    if (minute % PRUNE_MIN === 0) await written.during('pruning', () => this.#prune(now));
  }

  #frame(
    points: Point[],
    series: readonly SeriesKey[],
    { time, offset }: { readonly time: number; readonly offset: number },
  ): void {
    const marks = { quality: 'good', origin: 'measured' } as const;
    const values = series.map(({ metric }) => ({ metric, value: 100 * this.#random.next(), ...marks }));
    for (const [n, { value }] of values.entries()) points.push({ series: series[n]!, time, offset, value, ...marks });
    const frame = { device: series[0]!.device, time, values };
    const body = { run: 7, offset, monotonicMs: time };
    const alias = (metric: string): number => series.findIndex((each) => each.metric === metric) + 1;
    const sent = { frame, body, seq: offset % 256, sentAt: time, historical: false, aliasOf: alias };
    this.up += encodeFrame(sent).length;
  }

  async #events(now: number, minute: number): Promise<void> {
    const { events } = this.#open.stores;
    const every = 1440 / EVENTS_PER_DAY;
    const due = Math.floor((minute + MINUTES_AT_ONCE) / every) - Math.floor(minute / every);
    const said = Array.from({ length: due }, (_, n) => {
      const event = this.#recording.events[(minute + n) % this.#recording.events.length]!;
      this.up += JSON.stringify(event).length * this.#names.length;
      return { event: { ...event, time: now } };
    });
    if (due > 0)
      await events.appendAll(
        this.#names.map((source) => ({ source, events: said })),
        now,
      );
  }

  async #forecasts(now: number): Promise<void> {
    const targets = this.#names.flatMap((name) => [`substation:${name}`, `feeder:${name}-1`]);
    const made = targets.map((target, n) => {
      const forecast = this.#recording.forecasts[n % this.#recording.forecasts.length]!;
      return { ...forecast, target, id: `fc-${target.replaceAll(':', '-')}-${now}`, issuedAt: now, start: now };
    });
    await this.#open.stores.forecasts.put(made);
  }

  async #plans(now: number, minute: number): Promise<void> {
    const { documents } = this.#open.stores;
    const { plans } = this.#recording;
    const each = async (gateway: string): Promise<void> => {
      const { type, version, body } = plans[(minute / PLAN_MIN) % plans.length]!;
      const until = now + DAY_MS;
      const times = { issuedAt: now, acceptUntil: until, validFrom: now, validUntil: until };
      const id = `${gateway}-${now}`;
      const document = await documents.add<'plan'>({ type, version, gateway, ...times, body: { ...body, id } });
      this.down += (await documents.compressed(document)).length;
      const { epoch, sequence } = document;
      for (const stage of STAGES)
        await documents.report(gateway, { version: 1, type, id, epoch, sequence, stage, time: now });
    };
    await Promise.all(this.#names.map(each));
  }

  async #prune(now: number): Promise<void> {
    const { stores, telemetry } = this.#open;
    const documents = (): Promise<number> => stores.documents.prune(now - DOCUMENT_DAYS * DAY_MS);
    for (const prune of [...prunesOf(stores, telemetry), documents]) {
      for (let left = 1, batches = 0; left > 0 && batches < 20; batches++) {
        const from = process.threadCpuUsage();
        // Some stores delete in a later turn of this thread, together with other writes.
        left = await prune({ plant: now, machine: now });
        const { user, system } = process.threadCpuUsage(from);
        this.pruneMs = Math.max(this.pruneMs, (user + system) / 1000);
      }
    }
  }
}

async function asked({ stores }: Open, gateway: string, now: number): Promise<number> {
  const from = performance.now();
  stores.ledger.completeness(gateway);
  await stores.ledger.completenessBetween(gateway, { from: now - 3_600_000, to: now });
  return performance.now() - from;
}

/** Bytes by kind of data. */
function bytesByStore(folder: string): Record<string, number> {
  const files = new Map<string, ReturnType<typeof openToRead>>();
  try {
    const sizes = sizesIn(folder, (name) => {
      const db = openToRead(join(folder, name));
      files.set(name, db);
      return db;
    });
    return Object.fromEntries(
      sizes.kinds.flatMap(({ kind, bytes }) => (bytes === null || bytes === 0 ? [] : [[kind.name, bytes]])),
    );
  } finally {
    for (const db of files.values()) db.close();
  }
}

/** Least-squares slope over the days. */
function slope(values: readonly number[]): number | null {
  if (values.length < 3) return null;
  const mid = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [xy, xx] = values.reduce(([a, b], value, n) => [a + (n - mid) * (value - mean), b + (n - mid) ** 2], [0, 0]);
  return Math.round((xy / xx) * 1000) / 1000;
}

const round = (value: number): number => Math.round(value * 100) / 100;
