import { lookbackMs, reachMs, type Hold } from './hold.ts';
import type { InfluxQuery } from './influx-query.ts';
import { closedUntil, quarterFrom, quarterOf } from './quarters.ts';
import { doneLine, lateLine, rollupLine } from './line-protocol.ts';
import { MAX_TIME_MS } from './points.ts';
import { seriesId } from './series-id.ts';
import { isStoreAway } from './store-away.ts';
import type { Interval, Point, SeriesKey } from './store.ts';

const DAY_MS = 86_400_000;
/** What is closed is rolled up this often, ms of plant time. */
const EVERY_MS = 6 * 3_600_000;
/** Samples that one piece reads, about; what it asks for a series and for a gateway counts as so many. */
const PIECE_SAMPLES = 50_000;
const OF_SERIES = 500;
const OF_GATEWAY = 2000;

/** A day of which points came when their quarters were rolled up, or may have been. */
interface Late {
  /** Of the points that came: what is done under it holds them. */
  id: number;
  /** First and last time of them. */
  from: number;
  to: number;
  /** The store holds the note. */
  isNoted: boolean;
}

interface Entry {
  readonly key: SeriesKey;
  /** Quarters before this are rolled up, and all of them were written before the newest; 0: none is. */
  upTo: number;
  /** A point before this is late. It runs ahead of `upTo` while a roll-up is made, and is Infinity before the store has been asked. */
  claimed: number;
  /** Time of the newest sample that is known. */
  newest: number;
  late: Map<number, Late>;
  /** Those that are being made good. */
  taken: Map<number, Late>;
}

/** Quarters of a span, made of samples; a slice of it at a time. */
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
}

/** What a write sends first, and what to call when it is through. */
interface Writing {
  readonly notes: readonly string[];
  end(isStored: boolean): void;
}

/**
 * Roll-ups by quarters of an hour, as points of their own beside the samples. How far each series is the newest of them tells; what comes
 * late is noted in the request that writes it, so that neither a crash nor another cloud forgets it.
 */
export class InfluxRollups {
  readonly #options: RollupsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #byKey = new WeakMap<SeriesKey, Entry>();
  readonly #asked = new Map<string, Promise<void>>();
  /** Gateways whose answer has come. */
  readonly #known = new Set<string>();
  readonly #writing = new Set<Promise<void>>();
  /** To be rolled up, and gateways that are to be looked at. */
  readonly #due = new Set<Entry>();
  #gateways: string[] = [];
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(options: RollupsOptions) {
    this.#options = options;
  }

  /** Asks the store how far all is, before points come: what is written before that is noted as if it were late. */
  async load(): Promise<void> {
    for (const gateway of await this.#options.query.gateways()) await this.#ask(gateway);
  }

  /** Points are about to be written: what of them is late is noted with them. */
  begin(points: readonly Point[]): Writing {
    const sent = new Map<Late, { readonly key: SeriesKey; readonly at: number; id: number }>();
    for (const { series, time, offset } of points) {
      const entry = this.#entryOf(series);
      if (time > entry.newest) entry.newest = time;
      if (time >= entry.claimed) continue;
      const day = dayOf(time);
      const late = lateOf(entry, day);
      late.from = Math.min(late.from, time);
      late.to = Math.max(late.to, time);
      if (late.isNoted) continue;
      const note = sent.get(late) ?? { key: series, at: endOf(day), id: 0 };
      note.id = mixed(mixed(note.id, time), offset);
      sent.set(late, note);
    }
    for (const [late, note] of sent) late.id = note.id += 1;
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

  /** Of a series: quarters before `upTo` are rolled up, but those of `late`, a span of whole quarters. */
  async standing(key: SeriesKey): Promise<{ upTo: number; late: { from: number; to: number } | undefined }> {
    await this.#ask(key.gateway);
    const entry = this.#entryOf(key);
    const all = [...entry.late.values(), ...entry.taken.values()].filter(({ from }) => from < entry.upTo);
    if (all.length === 0) return { upTo: entry.upTo, late: undefined };
    const spans = all.map((late) => this.#spanOf(late));
    const late = { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) };
    return { upTo: entry.upTo, late };
  }

  /** Series that wait to be rolled up; first each gateway is looked at. */
  get waiting(): number {
    return this.#due.size;
  }

  /** A piece of what is to be rolled up at plant time `now`. True: more is left. One at a time. */
  async piece(now: number): Promise<boolean> {
    if (this.#due.size === 0 && this.#gateways.length === 0) {
      for (const entry of this.#entries.values()) if (entry.late.size > 0) this.#due.add(entry);
      const sinceMs = now - this.#sweptAt;
      // A clock that was set back does not put it off.
      if (sinceMs < 0 || sinceMs >= EVERY_MS) {
        this.#gateways = await this.#options.query.gateways();
        this.#sweptAt = now;
      }
    }
    let samples = 0;
    while (samples < PIECE_SAMPLES) {
      const [gateway] = this.#gateways;
      const [entry] = this.#due;
      if (gateway !== undefined) {
        await this.#look(gateway, now);
        this.#gateways.shift();
        samples += OF_GATEWAY;
      } else if (entry === undefined) return false;
      else samples += await this.#turn(entry, now, PIECE_SAMPLES - samples);
    }
    return this.#due.size > 0 || this.#gateways.length > 0;
  }

  /** What fails for a reason of its own holds up no other series; it is tried again at the next sweep. */
  async #turn(entry: Entry, now: number, most: number): Promise<number> {
    try {
      const { samples, isDone } = await this.#roll(entry, now, most);
      if (isDone) this.#due.delete(entry);
      return samples + OF_SERIES;
    } catch (error) {
      if (!isStoreAway(error)) this.#due.delete(entry);
      throw error;
    }
  }

  /** Which series of a gateway are to be rolled up. Asks anew how far they are: somebody may have deleted roll-ups. */
  async #look(gateway: string, now: number): Promise<void> {
    this.#asked.delete(gateway);
    await this.#ask(gateway);
    for (const { key, value } of await this.#options.query.newest(gateway)) {
      const entry = this.#entryOf(key);
      entry.newest = value;
      if (this.#closed(entry, now) > entry.upTo || entry.late.size > 0) this.#due.add(entry);
    }
  }

  async #roll(entry: Entry, now: number, most: number): Promise<{ samples: number; isDone: boolean }> {
    const { slices, send } = this.#options;
    const { key } = entry;
    await this.#ask(key.gateway);
    const closed = Math.max(this.#closed(entry, now), entry.upTo);
    entry.claimed = closed;
    entry.taken = entry.late;
    entry.late = new Map();
    let samples = 0;
    try {
      // Those under way began before the claim: they noted nothing.
      await Promise.all(this.#writing);
      for (const [day, late] of entry.taken) {
        if (samples >= most) return { samples, isDone: false };
        const { from, to } = this.#spanOf(late);
        for await (const slice of slices(key, from, Math.min(to, entry.upTo))) {
          samples += slice.samples;
          await send(slice.quarters.map((each) => rollupLine(key, each)));
        }
        await send([doneLine(key, { id: late.id, at: endOf(day) })]);
        entry.taken.delete(day);
      }
      if (closed <= entry.upTo) return { samples, isDone: true };
      const begin = entry.upTo > 0 ? entry.upTo : quarterOf((await this.#options.query.first(key)) ?? closed);
      for await (const { end, quarters, samples: read } of slices(key, begin, closed)) {
        samples += read;
        const last = quarters.at(-1)!;
        const known = quarters.filter((each) => each.mean !== null && each !== last);
        await send(known.map((each) => rollupLine(key, each)));
        // The newest says that those before it are there.
        await send([rollupLine(key, last)]);
        entry.upTo = end;
        if (samples >= most) break;
      }
      return { samples, isDone: samples < most || entry.upTo === closed };
    } finally {
      for (const [day, { from, to, isNoted, id }] of entry.taken) {
        const late = lateOf(entry, day);
        // What was noted since has another name in the store.
        if (late.id === 0) Object.assign(late, { isNoted, id });
        Object.assign(late, { from: Math.min(late.from, from), to: Math.max(late.to, to) });
      }
      entry.taken = new Map();
      entry.claimed = entry.upTo;
    }
  }

  #closed({ newest }: Entry, now: number): number {
    return closedUntil(newest, { now, reachMs: reachMs(this.#options.hold) });
  }

  /** Quarters that a late point may change: the value before it ends there, it is held itself, and the one behind it has another spacing. */
  #spanOf({ from, to }: Late): { from: number; to: number } {
    return { from: quarterOf(from), to: quarterFrom(to + 1 + lookbackMs(this.#options.hold)) };
  }

  /** Once for each gateway: how far its series are, and what came late. */
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
          if (entry.key.gateway === gateway) entry.claimed = entry.upTo = found.get(id) ?? 0;
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
      // Of a gateway that has been asked for, a series that was not there has nothing rolled up.
      const claimed = this.#known.has(gateway) ? 0 : Infinity;
      entry = { key: { gateway, device, metric }, upTo: 0, claimed, newest: 0, late: new Map(), taken: new Map() };
      this.#entries.set(id, entry);
    }
    this.#byKey.set(key, entry);
    return entry;
  }
}

const dayOf = (time: number): number => Math.floor(time / DAY_MS) * DAY_MS;
/** Behind all points of the day: where the store still takes these, it takes the note. */
const endOf = (day: number): number => Math.min(day + DAY_MS, MAX_TIME_MS);

function lateOf(entry: Entry, day: number): Late {
  let late = entry.late.get(day);
  if (late === undefined) entry.late.set(day, (late = { id: 0, from: Infinity, to: 0, isNoted: false }));
  return late;
}

/** A number of 32 bits that hangs on all that was mixed into it, in order. */
const mixed = (hash: number, value: number): number =>
  Math.imul(Math.imul(hash ^ (value % 4_294_967_296), 0x9e37_79b1) ^ (value / 4_294_967_296), 0x85eb_ca6b) >>> 0;
