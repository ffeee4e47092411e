import type {
  IncidentEntry,
  IncidentJump,
  IncidentKind,
  IncidentLimit,
  IncidentView,
} from '../../shared/contracts/incident.ts';
import type { KeptIncident } from './incident-store.ts';

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

interface Relief {
  /** What held it when the incident began, kW. */
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
  readonly unit: string;
  readonly value: number;
  readonly bound: number;
}

/** What an incident is called by, where several things happen in it: the later names the earlier. */
const RANK: readonly IncidentKind[] = ['limit', 'spike', 'outage', 'trip'];
const MOST_ENTRIES = 60;
/** Limits and devices that one incident tells of: a substation has fewer, and a gateway may name what it likes. */
const MOST_PARTS = 40;
/** The beginning stays, and the newest. */
const FIRST_ENTRIES = 20;
/** Held by less is the arithmetic's, kW. */
const LEAST_KW = 1;

export const isPast = ({ value, bound }: Pick<PassedLimit, 'value' | 'bound'>, side: number): boolean =>
  side * value > side * bound;

/** One incident while it may go on. */
export class Incident {
  readonly id: number;
  readonly gateway: string;
  readonly substation: string;
  kind: IncidentKind;
  feeder: string | null;
  startedAt: number;
  endedAt: number | null = null;
  jump: Changing<IncidentJump> | null = null;
  readonly limits = new Map<string, Changing<IncidentLimit> & { readonly side: number }>();
  readonly reliefs = new Map<string, Relief>();
  readonly causes = new Set<string>();
  #entries: IncidentEntry[] = [];
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
    this.feeder = from.feeder;
    this.startedAt = from.startedAt;
    this.#price = price;
  }

  static resumed({ view, causes }: KeptIncident, price: (device: string) => number | undefined): Incident {
    const incident = new Incident(view, price);
    incident.endedAt = view.endedAt;
    incident.jump = view.jump;
    if (view.limit !== null)
      incident.limits.set('kept', { ...view.limit, side: Math.sign(view.limit.worst - view.limit.bound) });
    for (const { device, kw, energyKwh, since, until } of view.reliefs)
      incident.reliefs.set(device, { beforeKw: 0, since, kw, nowKw: 0, energyKwh, seenAt: until ?? since, until });
    incident.#entries = [...view.entries];
    for (const cause of causes) incident.causes.add(cause);
    return incident;
  }

  note(entry: IncidentEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > MOST_ENTRIES) this.#entries.splice(FIRST_ENTRIES, 1);
  }

  /** How often something was noted. */
  count(code: string): number {
    return this.#entries.filter((entry) => entry.code === code).length;
  }

  /** What happens later may name it better: a limit is passed because of a spike, not the other way round. */
  named(kind: IncidentKind, feeder: string | null): void {
    if (RANK.indexOf(kind) > RANK.indexOf(this.kind)) {
      this.kind = kind;
      this.feeder = feeder ?? this.feeder;
    } else this.feeder ??= feeder;
  }

  /** The guard says that these relieve it; by how much it tells later. */
  expects(devices: readonly string[], at: number): void {
    for (const device of devices)
      if (!this.#expected.has(device) && this.#expected.size < MOST_PARTS) this.#expected.set(device, at);
  }

  passed(id: string, { element, unit, value, bound }: PassedLimit, at: number): void {
    const known = this.limits.get(id);
    if (known === undefined && this.limits.size >= MOST_PARTS) return;
    if (known === undefined) {
      const side = value > bound ? 1 : -1;
      this.limits.set(id, { element, unit, bound, worst: value, passedAt: at, backAt: null, side });
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

  /** A device is held by so much now; answers with whether that begins or ends a relief. */
  held(
    device: string,
    kw: number,
    { at, before }: { readonly at: number; readonly before: number },
  ): 'begins' | 'ends' | undefined {
    const known = this.reliefs.get(device);
    if (known === undefined) {
      if (kw - before < LEAST_KW || this.reliefs.size >= MOST_PARTS) return undefined;
      const since = this.#expected.get(device) ?? at;
      const nowKw = kw - before;
      const energyKwh = (nowKw * (at - since)) / 3_600_000;
      this.reliefs.set(device, { beforeKw: before, since, kw: nowKw, nowKw, energyKwh, seenAt: at, until: null });
      return 'begins';
    }
    const nowKw = Math.max(0, kw - known.beforeKw);
    known.energyKwh += (known.nowKw * Math.max(0, at - known.seenAt)) / 3_600_000;
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

  /** Nothing of it goes on. */
  get isOver(): boolean {
    return this.causes.size === 0 && [...this.reliefs.values()].every(({ until }) => until !== null);
  }

  view(): IncidentView {
    const limits = [...this.limits.values()];
    const worst = limits.toSorted((a, b) => shareOf(b) - shareOf(a))[0];
    const backs = limits.map(({ backAt }) => backAt);
    return {
      id: this.id,
      kind: this.kind,
      substation: this.substation,
      gateway: this.gateway,
      feeder: this.feeder,
      startedAt: this.startedAt,
      endedAt: this.endedAt,
      jump: this.jump === null ? null : { ...this.jump },
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
      entries: this.#entries.toSorted((a, b) => a.at - b.at),
    };
  }

  kept(): KeptIncident {
    return { view: this.view(), causes: [...this.causes] };
  }
}

const shareOf = ({ worst, bound }: IncidentLimit): number => Math.abs(worst - bound) / Math.max(Math.abs(bound), 1e-9);
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
