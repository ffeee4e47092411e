import type {
  IncidentEntry,
  IncidentJump,
  IncidentKind,
  IncidentLimit,
  IncidentView,
} from '../../shared/contracts/incident.ts';
import type { StoredIncident } from './incident-store.ts';

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

interface Relief {
  /** kW by which the device was held already when the incident began. */
  readonly beforeKw: number;
  readonly since: number;
  kw: number;
  nowKw: number;
  energyKwh: number;
  seenAt: number;
  until: number | null;
}

export interface PassedLimit {
  readonly element: string;
  /** Null: the whole substation. */
  readonly feeder: string | null;
  readonly unit: string;
  readonly value: number;
  readonly bound: number;
}

/** Ascending rank of kinds: an incident with several is named after the highest. */
const RANK: readonly IncidentKind[] = ['limit', 'spike', 'outage', 'trip'];
const MOST_ENTRIES = 60;
/** Maximum number of limits and devices per incident: a substation has fewer, but a gateway may name anything. */
const MOST_PARTS = 40;
/** Maximum number of alarms that an incident names. */
const MOST_ALARMS = 500;
/** Entries kept from the beginning; the rest are the newest. */
const FIRST_ENTRIES = 20;
/** Entries by the cloud itself, which say nothing about the site. */
const NO_WORD: readonly string[] = ['over', 'cloud.restarted', 'gateway.heard'];
/** A smaller hold is numerical noise, kW. */
const LEAST_KW = 1;

export const isPast = ({ value, bound }: Pick<PassedLimit, 'value' | 'bound'>, side: number): boolean =>
  side * value > side * bound;

/** One incident while it may continue. */
export class Incident {
  readonly id: number;
  readonly gateway: string;
  readonly substation: string;
  kind: IncidentKind;
  startedAt: number;
  endedAt: number | null = null;
  /** The gateway has been silent since: the incident's state is uncertain, and so is its end. */
  unheardSince: number | null = null;
  /** Time of its newest report. */
  lastAt: number;
  /** When it last changed, ms of plant time. */
  touchedAt = 0;
  /** By feeder. */
  readonly jumps = new Map<string, Changing<IncidentJump>>();
  readonly limits = new Map<
    string,
    Changing<IncidentLimit> & Pick<PassedLimit, 'feeder'> & { readonly side: number }
  >();
  readonly reliefs = new Map<string, Relief>();
  readonly causes = new Set<string>();
  #feeder: string | null;
  #entries: IncidentEntry[] = [];
  /** Ids of its alarms, newest last. They outlast their entries. */
  readonly #alarms = new Set<number>();
  readonly #expected = new Map<string, number>();
  readonly #price: (device: string) => number | undefined;

  constructor(
    from: Pick<IncidentView, 'id' | 'gateway' | 'substation' | 'kind' | 'feeder' | 'startedAt'>,
    price: (device: string) => number | undefined,
  ) {
    this.id = from.id;
    this.gateway = from.gateway;
    this.substation = from.substation;
    this.kind = from.kind;
    this.#feeder = from.feeder;
    this.startedAt = from.startedAt;
    this.lastAt = from.startedAt;
    this.#price = price;
  }

  static resumed({ view, causes }: StoredIncident, price: (device: string) => number | undefined): Incident {
    const incident = new Incident(view, price);
    incident.endedAt = view.endedAt;
    incident.unheardSince = view.unheardSince ?? null;
    const { jump, limit, feeder } = view;
    if (jump !== null) incident.jumps.set(jump.feeder ?? feeder ?? '', { ...jump });
    if (limit !== null) incident.limits.set('kept', { ...limit, feeder, side: Math.sign(limit.worst - limit.bound) });
    for (const { device, kw, energyKwh, since, until } of view.reliefs)
      incident.reliefs.set(device, { beforeKw: 0, since, kw, nowKw: 0, energyKwh, seenAt: until ?? since, until });
    incident.#entries = [...view.entries];
    for (const alarm of [...(view.alarms ?? []), ...view.entries.flatMap(alarmsOf)]) incident.#alarms.add(alarm);
    incident.lastAt = Math.max(view.startedAt, ...wordsOf(view.entries).map(({ at }) => at));
    for (const cause of causes) incident.causes.add(cause);
    return incident;
  }

  note(entry: IncidentEntry): void {
    this.#entries.push(entry);
    for (const alarm of alarmsOf(entry)) this.#alarms.add(alarm);
    if (this.#alarms.size > MOST_ALARMS) this.#alarms.delete(this.#alarms.values().next().value!);
    if (this.#entries.length > MOST_ENTRIES) this.#entries.splice(FIRST_ENTRIES, 1);
    if (wordsOf([entry]).length === 0) return;
    this.lastAt = Math.max(this.lastAt, entry.at);
    if (this.endedAt === null || this.unheardSince === null) return;
    this.endUnheardAt(entry.at);
    const isSettled =
      this.causes.size === 0 &&
      [...this.limits.values()].every(({ backAt }) => backAt !== null) &&
      [...this.jumps.values()].every(({ endedAt }) => endedAt !== null);
    if (isSettled) this.unheardSince = null;
  }

  /** Reports of it stop here; whether that is its real end is unknown. */
  endUnheardAt(at: number): void {
    this.endedAt = Math.max(this.endedAt ?? this.startedAt, Math.round(at));
    this.unheardSince = this.endedAt;
    for (const relief of this.reliefs.values()) relief.until ??= Math.max(relief.since, this.endedAt);
  }

  /** Reopens the incident with its unresolved limits. */
  goesOn(): void {
    this.endedAt = null;
    this.unheardSince = null;
    for (const [id, { backAt }] of this.limits) if (backAt === null) this.causes.add(`limit:${id}`);
  }

  /** Number of entries with a code. */
  count(code: string): number {
    return this.#entries.filter((entry) => entry.code === code).length;
  }

  /** A later kind may rename the incident: a spike causes exceeded limits, not the other way round. */
  named(kind: IncidentKind, feeder: string | null): void {
    if (RANK.indexOf(kind) > RANK.indexOf(this.kind)) {
      this.kind = kind;
      this.#feeder = feeder;
    } else if (kind === this.kind && feeder !== this.#feeder) this.#feeder = null;
  }

  /** For exceeded limits, the feeder of the worst; null: the whole substation. */
  get feeder(): string | null {
    const worst = this.kind === 'limit' ? this.#worst : undefined;
    return worst === undefined ? this.#feeder : worst.feeder;
  }

  /** Whether one of its alarms stands. */
  get hasAlarm(): boolean {
    return [...this.causes].some((cause) => cause.startsWith('alarm:') && !cause.endsWith(':seen'));
  }

  /** A second jump at a feeder keeps the load from before the first. */
  jumped(feeder: string, { at, beforeKw, peakKw, limitKw }: Begun): void {
    const known = this.jumps.get(feeder);
    const isHigher = known === undefined || peakKw > known.peakKw;
    const peak = isHigher ? { peakKw, peakAt: at } : { peakKw: known.peakKw, peakAt: known.peakAt };
    this.jumps.set(feeder, { feeder, beforeKw: known?.beforeKw ?? beforeKw, limitKw, ...peak, endedAt: null });
    this.causes.add(`jump:${feeder}`);
  }

  /** Corrects the load before the newest jump of a feeder. */
  refined(feeder: string, beforeKw: number): void {
    const began = this.#entries.filter(
      ({ code, parameters }) => code === 'spike.began' && parameters['feeder'] === feeder,
    );
    const jump = this.jumps.get(feeder);
    // A second jump keeps the load from before the first.
    if (jump !== undefined && began.length === 1) jump.beforeKw = beforeKw;
    this.#entries = this.#entries.map((entry) =>
      entry === began.at(-1)
        ? { ...entry, parameters: { ...entry.parameters, beforeKw: Math.round(beforeKw) } }
        : entry,
    );
  }

  jumpEnded(feeder: string, at: number): void {
    const jump = this.jumps.get(feeder);
    if (jump !== undefined) jump.endedAt = at;
    this.causes.delete(`jump:${feeder}`);
  }

  /** The guard names these devices as relieving it; the amounts follow in later reports. */
  expects(devices: readonly string[], at: number): void {
    for (const device of devices)
      if (!this.#expected.has(device) && this.#expected.size < MOST_PARTS) this.#expected.set(device, at);
  }

  passed(id: string, { element, feeder, unit, value, bound }: PassedLimit, at: number): void {
    const known = this.limits.get(id);
    if (known === undefined && this.limits.size >= MOST_PARTS) return;
    if (known === undefined) {
      const side = value > bound ? 1 : -1;
      this.limits.set(id, { element, feeder, unit, bound, worst: value, passedAt: at, backAt: null, side });
    } else {
      known.backAt = null;
      if (known.side * value > known.side * known.worst) known.worst = value;
    }
    this.causes.add(`limit:${id}`);
  }

  back(id: string, at: number): void {
    const known = this.limits.get(id);
    if (known !== undefined) known.backAt ??= at;
    this.causes.delete(`limit:${id}`);
  }

  /** Whether another limit of the same element and bound is exceeded too; both share their entries. */
  hasTwin(id: string): boolean {
    const own = this.limits.get(id);
    return [...this.limits].some(
      ([other, limit]) => other !== id && limit.backAt === null && own !== undefined && isLike(limit, own),
    );
  }

  /** Adds devices to the entry of a twin of this limit; returns false if there is none. */
  addToTwin(id: string, devices: readonly string[]): boolean {
    const own = this.limits.get(id);
    if (own === undefined || !this.hasTwin(id)) return false;
    const latest = this.#entries.findLast(
      ({ code, parameters: { element, unit, bound } }) =>
        (code === 'limit.passed' || code === 'limit.back') && isLike(own, { element, unit, bound }),
    );
    if (latest?.code !== 'limit.passed') return false;
    const known = latest.parameters['devices'];
    const all = [...new Set([...(Array.isArray(known) ? known : []), ...devices])].slice(0, MOST_PARTS);
    this.#entries = this.#entries.map((entry) =>
      entry === latest ? { ...entry, parameters: { ...entry.parameters, devices: all } } : entry,
    );
    return true;
  }

  /** Updates a device's relief: `kw` applies now, and did for `mostMs` at most. Returns whether a relief begins or ends. */
  held(
    device: string,
    kw: number,
    { at, before, mostMs }: { readonly at: number; readonly before: number; readonly mostMs: number },
  ): 'begins' | 'ends' | undefined {
    const known = this.reliefs.get(device);
    if (known === undefined) {
      if (kw - before < LEAST_KW || this.reliefs.size >= MOST_PARTS) return undefined;
      const since = this.#expected.get(device) ?? at;
      const nowKw = kw - before;
      const energyKwh = (nowKw * Math.min(at - since, mostMs)) / 3_600_000;
      this.reliefs.set(device, { beforeKw: before, since, kw: nowKw, nowKw, energyKwh, seenAt: at, until: null });
      return 'begins';
    }
    const nowKw = Math.max(0, kw - known.beforeKw);
    known.energyKwh += (known.nowKw * Math.min(Math.max(0, at - known.seenAt), mostMs)) / 3_600_000;
    known.seenAt = at;
    known.nowKw = nowKw;
    known.kw = Math.max(known.kw, nowKw);
    if (nowKw < LEAST_KW && known.until === null) {
      known.until = at;
      return 'ends';
    }
    if (nowKw >= LEAST_KW) known.until = null;
    return undefined;
  }

  /** Nothing of it continues. */
  get isOver(): boolean {
    return this.causes.size === 0 && [...this.reliefs.values()].every(({ until }) => until !== null);
  }

  /** The limit that was exceeded most. */
  get #worst() {
    return [...this.limits.values()].toSorted((a, b) => shareOf(b) - shareOf(a))[0];
  }

  /** The jump of the incident's feeder, else the largest. */
  get #jump(): IncidentJump | null {
    const rise = ({ peakKw, beforeKw }: IncidentJump): number => peakKw - beforeKw;
    return (
      this.jumps.get(this.feeder ?? '') ?? [...this.jumps.values()].toSorted((a, b) => rise(b) - rise(a))[0] ?? null
    );
  }

  view(): IncidentView {
    const limits = [...this.limits.values()];
    const worst = this.#worst;
    const jump = this.#jump;
    const backs = limits.map(({ backAt }) => backAt);
    return {
      id: this.id,
      kind: this.kind,
      substation: this.substation,
      gateway: this.gateway,
      feeder: this.feeder,
      startedAt: this.startedAt,
      endedAt: this.endedAt,
      unheardSince: this.unheardSince,
      jump: jump === null ? null : { ...jump },
      limit:
        worst === undefined
          ? null
          : {
              element: worst.element,
              unit: worst.unit,
              bound: worst.bound,
              worst: worst.worst,
              passedAt: Math.min(...limits.map(({ passedAt }) => passedAt)),
              backAt: backs.includes(null) ? null : Math.max(...backs.map((back) => back!)),
            },
      reliefs: [...this.reliefs]
        .map(([device, { kw, energyKwh, since, until }]) => {
          const price = this.#price(device);
          const costEur = price === undefined ? null : rounded(price * energyKwh, 3);
          return { device, kw: rounded(kw, 1), energyKwh: rounded(energyKwh, 3), costEur, since, until };
        })
        .toSorted((a, b) => b.kw - a.kw),
      alarms: [...this.#alarms],
      entries: this.#entries.toSorted((a, b) => a.at - b.at),
    };
  }

  snapshot(): StoredIncident {
    return { view: this.view(), causes: [...this.causes] };
  }
}

interface Begun extends Pick<IncidentJump, 'beforeKw' | 'peakKw' | 'limitKw'> {
  readonly at: number;
}

const wordsOf = (entries: readonly IncidentEntry[]): IncidentEntry[] =>
  entries.filter(({ code }) => !NO_WORD.includes(code));

const alarmsOf = ({ parameters: { alarm } }: IncidentEntry): number[] => (typeof alarm === 'number' ? [alarm] : []);

const isLike = (
  { element, unit, bound }: IncidentLimit,
  other: Readonly<Record<'element' | 'unit' | 'bound', unknown>>,
): boolean => element === other.element && unit === other.unit && Math.round(bound) === Math.round(Number(other.bound));

const shareOf = ({ worst, bound }: IncidentLimit): number => Math.abs(worst - bound) / Math.max(Math.abs(bound), 1e-9);
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
