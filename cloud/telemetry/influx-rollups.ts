import { randomInt } from 'node:crypto';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { lookbackMs, reachMs, type Hold } from './hold.ts';
import { StatementFault, type InfluxQuery } from './influx-query.ts';
import { closedUntil, quarterFrom, quarterOf } from './quarters.ts';
import { doneLine, lateLine, rollupLine } from './line-protocol.ts';
import { dayOf, endOf, joined, lateOf, type Entry, type Late, type Span } from './rollup-entry.ts';
import { seriesId } from './series-id.ts';
import { isStoreAway } from './store-away.ts';
import type { Interval, Point, SeriesKey, WaitingRollups } from './store.ts';

/** Closed quarters are rolled up this often, ms of plant time. */
const EVERY_MS = 6 * 3_600_000;
/** Approximate number of samples that one piece reads. */
const PIECE_SAMPLES = 50_000;
/** Cost of the queries for a series and for a gateway, in samples. */
const SERIES_COST = 500;
const GATEWAY_COST = 2000;
/** Each late note has an id that is unique across clouds. */
const MOST_ID = 2 ** 48 - 1;

/** The quarters of one slice of a span, made of samples. */
interface Slice {
  readonly end: number;
  readonly quarters: readonly Interval[];
  readonly samples: number;
}

interface RollupsOptions {
  readonly query: InfluxQuery;
  readonly hold: Hold;
  readonly slices: (key: SeriesKey, start: number, end: number) => AsyncIterable<Slice>;
  readonly send: (lines: readonly string[]) => Promise<void>;
  /** As in `InfluxStoreOptions`. */
  readonly isAlone: () => boolean;
  /** A series or a gateway cannot be rolled up now; called once for each cause. */
  readonly onFault?: ((error: Error) => void) | undefined;
}

/** Limits of one piece. */
interface Bounds {
  readonly now: number;
  readonly mostSamples: number;
  readonly stopping: AbortSignal | undefined;
}

/** Notes that a write sends first, and a callback for its end. */
interface Writing {
  readonly notes: readonly string[];
  end(isStored: boolean): void;
}

/**
 * Roll-ups by quarters of an hour, as points of their own beside the samples. The last roll-up of a slice is written after the others and
 * closes it: the newest closing one tells how far a series is rolled up. Late points are noted in the request that writes them, so that
 * neither a crash nor another cloud loses track of them.
 */
export class InfluxRollups {
  readonly #options: RollupsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #byKey = new WeakMap<SeriesKey, Entry>();
  readonly #asked = new Map<string, Promise<void>>();
  /** Gateways that have answered. */
  readonly #known = new Set<string>();
  readonly #writing = new Set<Promise<void>>();
  /** Series to roll up. */
  readonly #due = new Set<Entry>();
  /** Gateways whose due series are still to be found. */
  readonly #gateways = new Set<string>();
  /** Failures, set aside until everything else has had its turn. */
  readonly #aside = new Set<Entry | string>();
  readonly #reportedFaults = new Set<string>();
  #isClosed = false;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(options: RollupsOptions) {
    this.#options = options;
  }

  /** Reads the progress of all series before points arrive: points written before that are noted as late. */
  async load(): Promise<void> {
    for (const gateway of await this.#options.query.gateways()) {
      if (this.#isClosed) return;
      await this.#ask(gateway);
    }
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Called before points are written; returns the notes for those that are late. */
  begin(points: readonly Point[]): Writing {
    const sent = new Map<Late, { readonly key: SeriesKey; readonly at: number; readonly id: number }>();
    for (const { series, time } of points) {
      const entry = this.#entryOf(series);
      if (time > entry.newest) entry.newest = time;
      if (time >= entry.lateBefore) continue;
      const day = dayOf(time);
      const late = lateOf(entry, day);
      late.from = Math.min(late.from, time);
      late.to = Math.max(late.to, time);
      if (late.isNoted || sent.has(late)) continue;
      late.id = randomInt(1, MOST_ID);
      sent.set(late, { key: series, at: endOf(day), id: late.id });
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#writing.add(promise);
    return {
      notes: [...sent.values()].map((note) => lateLine(note.key, note)),
      end: (isStored) => {
        if (isStored) for (const late of sent.keys()) late.isNoted = true;
        this.#writing.delete(promise);
        resolve();
      },
    };
  }

  /** Progress of a series: quarters before `upTo` are rolled up except those in `late`, disjoint spans in order. */
  async standing(key: SeriesKey): Promise<{ upTo: number; late: readonly Span[] }> {
    await this.#ask(key.gateway);
    const { upTo, late, mending } = this.#entryOf(key);
    const all = [...late.values(), ...mending.values()].filter(({ from }) => from < upTo);
    return { upTo, late: joined(all.map((each) => this.#spanOf(each))) };
  }

  get waiting(): WaitingRollups {
    const aside = [...this.#aside].filter((each) => typeof each === 'string').length;
    return { series: this.#due.size + this.#aside.size - aside, gateways: this.#gateways.size + aside };
  }

  /** Rolls up a piece of what is due at plant time `now`. True: more is left. Calls must not overlap. */
  async piece(now: number, stopping?: AbortSignal): Promise<boolean> {
    if (!this.#isLeft) await this.#begin(now);
    for (let samples = 0; samples < PIECE_SAMPLES;) {
      const [gateway] = this.#gateways;
      const [entry] = this.#due;
      const next = gateway ?? entry;
      if (next === undefined || stopping?.aborted === true) return false;
      samples += await this.#take(next, { now, mostSamples: PIECE_SAMPLES - samples, stopping });
    }
    return this.#isLeft;
  }

  get #isLeft(): boolean {
    return this.#due.size > 0 || this.#gateways.size > 0;
  }

  /** Starts a round: earlier failures, late points, and every six hours all gateways. */
  async #begin(now: number): Promise<void> {
    if (this.#aside.size === 0) this.#reportedFaults.clear();
    for (const failed of this.#aside)
      if (typeof failed === 'string') this.#gateways.add(failed);
      else this.#due.add(failed);
    this.#aside.clear();
    for (const entry of this.#entries.values()) if (entry.late.size > 0) this.#due.add(entry);
    const sinceMs = now - this.#sweptAt;
    // A clock that was set back does not delay the sweep.
    if (sinceMs >= 0 && sinceMs < EVERY_MS) return;
    for (const gateway of await this.#options.query.gateways()) this.#gateways.add(gateway);
    this.#sweptAt = now;
  }

  /**
   * Handles one entry and returns its cost in samples. A failure does not block others, but a server that does not answer ends the piece.
   */
  async #take(next: Entry | string, bounds: Bounds): Promise<number> {
    try {
      if (typeof next === 'string') {
        await this.#findDue(next, bounds.now);
        this.#gateways.delete(next);
        return GATEWAY_COST;
      }
      const { samples, isDone } = await this.#roll(next, bounds);
      if (isDone) this.#due.delete(next);
      return samples + SERIES_COST;
    } catch (error) {
      if (bounds.stopping?.aborted === true) throw error;
      if (typeof next === 'string') this.#gateways.delete(next);
      else this.#due.delete(next);
      this.#aside.add(next);
      this.#tell(error);
      if (isStoreAway(error) && !(error instanceof StatementFault)) throw error;
      return typeof next === 'string' ? GATEWAY_COST : SERIES_COST;
    }
  }

  #tell(error: unknown): void {
    const fault = error instanceof Error ? error : new Error(String(error));
    if (this.#reportedFaults.has(fault.message)) return;
    this.#reportedFaults.add(fault.message);
    this.#options.onFault?.(fault);
  }

  /** Finds the due series of a gateway. Reads their progress again, because someone may have deleted roll-ups. */
  async #findDue(gateway: string, now: number): Promise<void> {
    this.#asked.delete(gateway);
    await this.#ask(gateway);
    for (const { key, value } of await this.#options.query.newest(gateway)) {
      const entry = this.#entryOf(key);
      entry.newest = value;
      if (this.#closed(entry, now) > entry.upTo || entry.late.size > 0) this.#due.add(entry);
    }
  }

  async #roll(entry: Entry, { now, mostSamples, stopping }: Bounds): Promise<{ samples: number; isDone: boolean }> {
    const { slices, send, query } = this.#options;
    const { key } = entry;
    await this.#ask(key.gateway);
    const closed = Math.max(this.#closed(entry, now), entry.upTo);
    entry.lateBefore = closed;
    entry.mending = entry.late;
    entry.late = new Map();
    let samples = 0;
    const isEnough = (): boolean => samples >= mostSamples || stopping?.aborted === true;
    try {
      // Writes in flight began before `lateBefore` was set, so they noted nothing.
      await Promise.all(this.#writing);
      for (const [day, late] of entry.mending) {
        if (isEnough()) return { samples, isDone: false };
        const { from, to } = this.#spanOf(late);
        for await (const slice of slices(key, from, Math.min(to, entry.upTo))) {
          samples += slice.samples;
          await this.#sendAlone(slice.quarters.map((each) => rollupLine(key, each)));
        }
        await send([doneLine(key, { id: late.id, at: endOf(day) })]);
        entry.mending.delete(day);
      }
      const begin = entry.upTo > 0 ? entry.upTo : quarterOf((await query.first(key)) ?? closed);
      for await (const slice of slices(key, begin, closed)) {
        samples += slice.samples;
        const last = slice.quarters.at(-1)!;
        const others = slice.quarters.filter((each) => each.mean !== null && each !== last);
        await this.#sendAlone(others.map((each) => rollupLine(key, each)));
        // In a request of its own, after the others: if the server crashes, it may keep only some lines of a request.
        await this.#sendAlone([rollupLine(key, last, true)]);
        entry.upTo = slice.end;
        if (isEnough() && entry.upTo < closed) return { samples, isDone: false };
      }
      return { samples, isDone: true };
    } finally {
      for (const [day, { from, to, isNoted, id }] of entry.mending) {
        const late = lateOf(entry, day);
        // A late point noted meanwhile has another id in the store.
        if (late.id === 0) Object.assign(late, { isNoted, id });
        Object.assign(late, { from: Math.min(late.from, from), to: Math.max(late.to, to) });
      }
      entry.mending = new Map();
      entry.lateBefore = entry.upTo;
    }
  }

  /** Checks right before sending, however long the reading took: a cloud that was frozen may have a successor that knows more. */
  async #sendAlone(lines: readonly string[]): Promise<void> {
    const { isAlone, send } = this.#options;
    if (!isAlone())
      throw new LoadstoneError(
        'LS-STORE-001',
        'a roll-up is not written: another cloud may have replaced this one. It is computed again once this one is sure of its database',
      );
    await send(lines);
  }

  #closed({ newest }: Entry, now: number): number {
    return closedUntil(newest, { now, reachMs: reachMs(this.#options.hold) });
  }

  /**
   * Quarters that a late point may change: the value before it ends there, the point itself is held, and the next value has another
   * spacing.
   */
  #spanOf({ from, to }: Late): Span {
    return { from: quarterOf(from), to: quarterFrom(to + 1 + lookbackMs(this.#options.hold)) };
  }

  /** Reads once per gateway how far its series are rolled up, and what came late. */
  #ask(gateway: string): Promise<void> {
    const asked = this.#asked.get(gateway);
    if (asked !== undefined) return asked;
    const asking = Promise.all([this.#options.query.rolled(gateway), this.#options.query.late(gateway)]).then(
      ([rolled, late]) => {
        if (this.#asked.get(gateway) !== asking) return;
        this.#known.add(gateway);
        const found = new Map(rolled.map(({ key, value }) => [seriesId(key), quarterFrom(value + 1)]));
        for (const { key } of rolled) this.#entryOf(key);
        for (const [id, entry] of this.#entries)
          if (entry.key.gateway === gateway) entry.lateBefore = entry.upTo = found.get(id) ?? 0;
        for (const { key, value } of late) {
          const day = dayOf(value.at - 1);
          const known = lateOf(this.#entryOf(key), day);
          if (known.id === 0) known.id = value.id;
          Object.assign(known, { from: day, to: value.at - 1, isNoted: true });
        }
      },
    );
    this.#asked.set(gateway, asking);
    asking.catch(() => {
      if (this.#asked.get(gateway) === asking) this.#asked.delete(gateway);
    });
    return asking;
  }

  #entryOf(key: SeriesKey): Entry {
    let entry = this.#byKey.get(key);
    if (entry !== undefined) return entry;
    const id = seriesId(key);
    entry = this.#entries.get(id);
    if (entry === undefined) {
      const { gateway, device, metric } = key;
      // After its gateway has answered, a new series has nothing rolled up.
      const lateBefore = this.#known.has(gateway) ? 0 : Infinity;
      entry = { key: { gateway, device, metric }, upTo: 0, lateBefore, newest: 0, late: new Map(), mending: new Map() };
      this.#entries.set(id, entry);
    }
    this.#byKey.set(key, entry);
    return entry;
  }
}
