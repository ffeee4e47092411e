import type { IncidentEntry, IncidentKind, IncidentView } from '../../shared/contracts/incident.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { liveForMs } from '../../shared/time/staleness.ts';
import { Turns } from '../../shared/time/turns.ts';
import { Incident } from './incident.ts';
import type { IncidentStore, StoredIncident } from './incident-store.ts';

export interface KeeperOptions {
  readonly region: Region;
  readonly clock: Clock;
  readonly store: IncidentStore;
  /** Whether an alarm is active. */
  readonly isActive: (alarm: number) => boolean;
  readonly onChange: (incident: IncidentView) => void;
}

/** Something that starts an incident or belongs to one. */
interface Happening {
  readonly gateway: string;
  readonly feeder: string | null;
  readonly kind: IncidentKind;
  readonly at: number;
}

/** What happens at the same place this soon after an incident's end belongs to it, ms of plant time. */
const JOINS_MS = 5 * 60_000;
/** A report older than this comes from a backlog, ms of plant time, and says nothing about the present. */
const LATE_MS = 15 * 60_000;
/** A backlog alarm that does not return within this time stands, ms of plant time. */
const STANDS_MS = 60_000;
/** Maximum number of new incidents per gateway and hour of plant time; further happenings join the last one. */
const MOST_AN_HOUR = 12;
const HOUR_MS = 3_600_000;
/** Maximum number of entries about the gateway falling silent. */
const MOST_SILENCES = 5;
/** Longest interval between a gateway's messages, s of machine time. */
const TELLS_S = 15;

/** Incidents that may continue: matches happenings to them, ends them, watches their gateways, and stores all changes. */
export class IncidentKeeper {
  readonly #options: KeeperOptions;
  readonly #recent: Incident[] = [];
  /** By gateway: its last incident, and the start times of the latest ones. */
  readonly #begun = new Map<string, { readonly at: number[]; last: Incident | undefined }>();
  /** When each gateway was last heard, ms of plant time. */
  readonly #heardAt = new Map<string, number>();
  readonly #dirty = new Set<Incident>();
  readonly #turns = new Turns();
  #nextId = 1;
  #loadedAt = 0;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** The store must be open and alarms resumed. */
  async load(): Promise<void> {
    const { recent, nextId } = await this.#options.store.load(this.now() - JOINS_MS);
    this.#nextId = nextId;
    this.#loadedAt = this.now();
    for (const stored of recent) this.#recent.push(this.#resumed(stored));
  }

  now(): number {
    return Math.round(this.#options.clock.plant.now());
  }

  /** A gateway's time, limited to the present. */
  pastOf(at: number): number {
    return Math.min(at, this.now());
  }

  isLate(at: number): boolean {
    return this.now() - at > LATE_MS;
  }

  /** Records that a gateway was heard. */
  heard(gateway: string): void {
    this.#heardAt.set(gateway, this.now());
  }

  /** How long a gateway's report stays current, ms of plant time. */
  get heldMs(): number {
    const speed = this.#options.clock.speed();
    return liveForMs({ intervalS: TELLS_S * speed, speed });
  }

  open(gateway: string): Incident[] {
    return this.recent(gateway).filter(({ endedAt }) => endedAt === null);
  }

  /** Incidents that are open, have just ended, or changed recently. */
  recent(gateway: string): Incident[] {
    return this.#recent.filter((each) => each.gateway === gateway);
  }

  withCause(cause: string): Incident | undefined {
    return this.#recent.find(({ causes }) => causes.has(cause));
  }

  /**
   * The incident that a happening belongs to: one at its place that was open then or had just ended, or a new one. Limits join any open
   * incident of their substation, because transformer and devices serve all feeders. A late report neither opens nor reopens an incident.
   * Undefined: too many late reports.
   */
  of({ gateway, feeder, kind, at }: Happening): Incident | undefined {
    const now = this.now();
    const isLate = this.isLate(at);
    const near = this.recent(gateway)
      .filter(({ startedAt, endedAt }) => at > startedAt - JOINS_MS && at - (endedAt ?? now) < JOINS_MS)
      .toReversed();
    const found = near.find(
      (each) => [feeder, null].includes(each.feeder) || feeder === null || kind === 'limit' || each.kind === 'limit',
    );
    const begun = this.#begun.get(gateway) ?? { at: [], last: undefined };
    const isStorm = begun.at.length === MOST_AN_HOUR && now - begun.at[0]! < HOUR_MS;
    if (found === undefined && isStorm && isLate) return undefined;
    const joined = found ?? (isStorm ? begun.last : undefined);
    if (joined !== undefined) {
      joined.named(kind, feeder);
      joined.startedAt = Math.min(joined.startedAt, Math.round(at));
      if (!isLate) joined.goesOn();
      else if (joined.endedAt !== null) joined.endUnheardAt(at);
      if (!this.#recent.includes(joined)) this.#recent.push(joined);
      return this.touch(joined);
    }
    const { id: substation } = this.#options.region.substations.find((each) => each.gateway === gateway)!;
    const startedAt = Math.round(at);
    const incident = new Incident({ id: this.#nextId++, gateway, substation, kind, feeder, startedAt }, (device) =>
      this.#price(gateway, device),
    );
    if (isLate) incident.endUnheardAt(startedAt);
    this.#recent.push(incident);
    this.#begun.set(gateway, {
      at: [...begun.at, now].slice(-MOST_AN_HOUR),
      last: isLate ? begun.last : incident,
    });
    return this.touch(incident);
  }

  note(incident: Incident, entry: IncidentEntry): void {
    incident.note({ ...entry, at: Math.round(entry.at) });
    this.touch(incident);
  }

  /** Marks an incident as changed. */
  touch(incident: Incident): Incident {
    incident.touchedAt = this.now();
    this.#dirty.add(incident);
    return incident;
  }

  /** Ends incidents without open causes, at the time of the last one. */
  look(): void {
    const now = this.now();
    for (const incident of this.#recent) {
      if (incident.endedAt === null && incident.isOver) {
        incident.unheardSince = null;
        incident.endedAt = Math.max(incident.startedAt, this.pastOf(incident.lastAt));
        this.note(incident, { at: incident.endedAt, code: 'over', by: null, parameters: {} });
      } else if (incident.endedAt === null) this.#listen(incident);
      else if (incident.hasAlarm && now - incident.touchedAt > STANDS_MS) {
        incident.goesOn();
        this.touch(incident);
      }
    }
  }

  /** Commits one batch at a time; retries failures. Drops incidents that ended or changed a while ago. */
  async settle(): Promise<void> {
    await this.#turns.take(async () => {
      const changed = [...this.#dirty];
      if (changed.length === 0) return;
      this.#dirty.clear();
      const snapshots = changed.map((incident) => incident.snapshot());
      try {
        await this.#options.store.commit(snapshots);
      } catch (error) {
        for (const incident of changed) this.#dirty.add(incident);
        throw error;
      }
      for (const { view } of snapshots) this.#options.onChange(view);
    });
    const now = this.now();
    const gone = this.#recent.filter(
      ({ endedAt, touchedAt }) => endedAt !== null && now - Math.max(endedAt, touchedAt) > JOINS_MS,
    );
    for (const incident of gone) this.#recent.splice(this.#recent.indexOf(incident), 1);
  }

  /** Notes whether the gateway of an open incident is heard. */
  #listen(incident: Incident): void {
    const now = this.now();
    const known = this.#heardAt.get(incident.gateway);
    const heardAt = known ?? this.pastOf(incident.lastAt);
    const isSilent = now - (known ?? this.#loadedAt) > this.heldMs;
    if (isSilent === (incident.unheardSince !== null)) return;
    incident.unheardSince = isSilent ? heardAt : null;
    this.touch(incident);
    if (incident.count('gateway.silent') < MOST_SILENCES || !isSilent)
      this.note(incident, {
        at: heardAt,
        code: isSilent ? 'gateway.silent' : 'gateway.heard',
        by: null,
        parameters: {},
      });
  }

  /** Resumes an incident after a restart: the time between was not observed, and gateways soon report what continues. */
  #resumed(stored: StoredIncident): Incident {
    const incident = Incident.resumed(stored, (device) => this.#price(stored.view.gateway, device));
    incident.touchedAt = this.now();
    if (incident.endedAt !== null) return incident;
    for (const cause of incident.causes) {
      const [what, id] = cause.split(':');
      if (what !== 'alarm' || !this.#options.isActive(Number(id))) incident.causes.delete(cause);
    }
    if (incident.causes.size === 0) incident.endUnheardAt(this.pastOf(incident.lastAt));
    this.note(incident, { at: this.now(), code: 'cloud.restarted', by: 'cloud', parameters: {} });
    return incident;
  }

  #price(gateway: string, device: string): number | undefined {
    return this.#options.region.substations
      .find((each) => each.gateway === gateway)
      ?.devices.find(({ id }) => id === device)?.contractEurPerKwh;
  }
}
