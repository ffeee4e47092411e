import type { EventParameters } from '../../../shared/contracts/event.ts';
import type { AlarmAct, AlarmPriority, AlarmState } from '../../../shared/contracts/alarm.ts';
import {
  acknowledged,
  advance,
  type Alarm,
  backInService,
  type Delays,
  isOver,
  outOfService,
  shelved,
  stateOf,
  type Teller,
  withReport,
  unshelved,
} from './alarm.ts';
import { conditionKey } from './condition-key.ts';

/** The part of a code's rule that the desk needs. */
export interface DeskRule {
  readonly delays: Delays;
  /** Codes that explain the alarm while they stand at the same source or at the cloud. */
  readonly suppressedBy: readonly string[];
}

/** A report that a condition holds or is gone. */
export interface Telling {
  readonly teller: Teller;
  readonly source: string;
  readonly code: string;
  readonly device: string | null;
  readonly subject: string | null;
  readonly text: string;
  readonly parameters?: EventParameters | undefined;
  readonly priority: AlarmPriority;
  readonly holds: boolean;
  /** Start or end of the condition, ms UTC of plant time. */
  readonly at: number;
}

/** A change of an alarm; `after` is `normal` once it is over. */
export interface Change {
  readonly alarm: Alarm;
  readonly before: AlarmState;
  readonly after: AlarmState;
  /** This change announces the alarm to the operator. */
  readonly isAnnounced: boolean;
}

/** What came and went this long before it was received is only logged, not announced. */
const HISTORY_MS = 600_000;
/** A report at a source with more alarms is settled by the next tick, because it would have to look at them all. */
const MOST_AT_ONCE = 500;
/** Alarms of a source beyond which a gateway raises no new ones. No gateway of ours has as many. */
export const MOST_ALARMS = 2000;
const CLOUD = 'cloud';

/** Alarms that can explain others: by code, and then by the feeder that they are limited to. */
type Parents = ReadonlyMap<string, ReadonlyMap<string | null, Alarm>>;

/** All alarms that are not over, and their transitions. Reads no clock: each call passes the plant time. */
export class AlarmDesk {
  readonly #rule: (code: string) => DeskRule;
  readonly #feeder: (alarm: Alarm) => string | null;
  readonly #sources = new Map<string, Map<string, Alarm>>();
  readonly #byId = new Map<number, Alarm>();
  /** By id of the alarm, which stays in its place. */
  readonly #feeders = new Map<number, string | null>();
  #nextId: number;
  #changes: Change[] = [];

  /** `alarms`: kept by an earlier run; new ids start at `nextId`. `feeder`: the feeder that an alarm is limited to. */
  constructor(options: {
    rule: (code: string) => DeskRule;
    feeder: (alarm: Alarm) => string | null;
    alarms: Iterable<Alarm>;
    nextId: number;
  }) {
    this.#rule = options.rule;
    this.#feeder = options.feeder;
    this.#nextId = options.nextId;
    for (const alarm of options.alarms) {
      this.#source(alarm.source).set(conditionKey(alarm), alarm);
      this.#byId.set(alarm.id, alarm);
    }
  }

  /** Returns false, and takes nothing, if its gateway has too many alarms for a new one. */
  take(telling: Telling, now: number): boolean {
    const { source, holds, teller } = telling;
    // A reporter whose clock is ahead must not advance time here.
    const at = Math.min(telling.at, now);
    const alarms = this.#source(source);
    const before = alarms.get(conditionKey(telling));
    if (before === undefined && !holds) return true;
    if (before === undefined && teller === 'gateway' && alarms.size >= MOST_ALARMS) return false;
    const isHistory = now - at > HISTORY_MS;
    // Delays run on source time: an alarm that came and went within one batch counts if it held for its delay.
    const known = before === undefined ? this.#made(telling) : advance(before, this.#delays(before.code), at);
    const raisedNow = before !== undefined && !before.active && known.active;
    const { priority, text, parameters } = holds ? telling : known;
    const { parameters: _before, ...rest } = known;
    const said = parameters === undefined ? { text } : { text, parameters };
    const more = {
      priority,
      ...said,
      ...(priority < known.priority && known.active ? { open: true, told: false } : {}),
    };
    const next = withReport({ ...rest, ...more }, teller, { holds, at });
    this.#put(isHistory && !holds && raisedNow ? { ...next, open: false } : next, before);
    if ((!isHistory || !holds) && (source === CLOUD || alarms.size <= MOST_AT_ONCE)) this.#settle(source, now);
    return true;
  }

  /** Advances time for all alarms. */
  tick(now: number): void {
    for (const source of this.#sources.keys()) this.#settleOne(source, now);
  }

  /**
   * Handles a reporter's restart: alarms not reported again by `confirmBy` are gone, except those reported since (`hasSince`). `source`
   * undefined: all sources.
   */
  restarted(
    teller: Teller,
    options: { source?: string; confirmBy: number; hasSince?: (alarm: Alarm) => boolean },
  ): void {
    const { source, confirmBy, hasSince = () => false } = options;
    for (const alarm of this.#byId.values())
      if (alarm.tellers.includes(teller) && (source === undefined || alarm.source === source) && !hasSince(alarm))
        this.#put({ ...alarm, confirmBy: { ...alarm.confirmBy, [teller]: confirmBy } }, alarm);
  }

  acknowledge(id: number, act: AlarmAct): Alarm | undefined {
    return this.#act(id, act.at, (alarm) => acknowledged(alarm, act));
  }

  shelve(id: number, act: AlarmAct, until: number): Alarm | undefined {
    return this.#act(id, act.at, (alarm) => shelved(alarm, act, until));
  }

  unshelve(id: number, now: number): Alarm | undefined {
    return this.#act(id, now, unshelved);
  }

  takeOut(id: number, act: AlarmAct): Alarm | undefined {
    return this.#act(id, act.at, (alarm) => outOfService(alarm, act));
  }

  bringBack(id: number, now: number): Alarm | undefined {
    return this.#act(id, now, backInService);
  }

  get(id: number): Alarm | undefined {
    return this.#byId.get(id);
  }

  all(): Alarm[] {
    return [...this.#byId.values()];
  }

  of(source: string): Alarm[] {
    return [...this.#source(source).values()];
  }

  /** The id for the next alarm. */
  get nextId(): number {
    return this.#nextId;
  }

  /** The changes since the last call, in order. */
  drain(): Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  #made({ source, code, device, subject, text, priority, at }: Telling): Alarm {
    return {
      id: this.#nextId++,
      source,
      code,
      device,
      subject,
      text,
      priority,
      tellers: [],
      conditionSince: at,
      active: false,
      open: false,
      told: false,
      raisedAt: null,
      returnedAt: null,
      acknowledged: null,
      shelved: null,
      outOfService: null,
      suppressedBy: null,
      firstOut: false,
      occurrences: 0,
      confirmBy: {},
    };
  }

  #act(id: number, now: number, change: (alarm: Alarm) => Alarm): Alarm | undefined {
    const alarm = this.#byId.get(id);
    if (alarm === undefined) return undefined;
    const next = change(alarm);
    this.#put(next, alarm);
    this.#settle(alarm.source, now);
    return next;
  }

  #settle(source: string, now: number): void {
    if (source === CLOUD) this.tick(now);
    else this.#settleOne(source, now);
  }

  /** One change per alarm: what is raised behind a parent is suppressed at once, and so not announced. */
  #settleOne(source: string, now: number): void {
    const moves = Array.from(this.#source(source).values(), (alarm) => ({
      alarm,
      moved: advance(alarm, this.#delays(alarm.code), now),
    }));
    const above = source === CLOUD ? [] : this.#source(CLOUD).values();
    const parents = this.#parentsIn([...above, ...moves.map(({ moved }) => moved)]);
    for (const { alarm, moved } of moves) {
      const suppressedBy = this.#parentOf(moved, parents);
      const next = suppressedBy === moved.suppressedBy ? moved : { ...moved, suppressedBy };
      if (next !== alarm) this.#put(next, alarm);
    }
  }

  /** Those whose condition holds, even during its delay, so that children are not announced first. */
  #parentsIn(alarms: readonly Alarm[]): Parents {
    const parents = new Map<string, Map<string | null, Alarm>>();
    for (const alarm of alarms) {
      if (alarm.outOfService !== null || (alarm.tellers.length === 0 && !alarm.active)) continue;
      const alike = parents.get(alarm.code) ?? new Map<string | null, Alarm>();
      parents.set(alarm.code, alike.set(this.#feederOf(alarm), alarm));
    }
    return parents;
  }

  /** A fault of one feeder explains only alarms on that feeder. */
  #parentOf(alarm: Alarm, parents: Parents): number | null {
    if (alarm.tellers.length === 0 && !alarm.active) return null;
    for (const code of this.#rule(alarm.code).suppressedBy) {
      const alike = parents.get(code);
      const parent = alike?.get(null) ?? alike?.get(this.#feederOf(alarm));
      if (parent !== undefined) return parent.id;
    }
    return null;
  }

  #feederOf(alarm: Alarm): string | null {
    let feeder = this.#feeders.get(alarm.id);
    if (feeder === undefined) this.#feeders.set(alarm.id, (feeder = this.#feeder(alarm)));
    return feeder;
  }

  #put(next: Alarm, previous: Alarm | undefined): void {
    const before = previous === undefined ? 'normal' : stateOf(previous);
    const after = stateOf(next);
    const isAnnounced = after === 'unacknowledged' && !next.told;
    const alarm = isAnnounced ? { ...next, told: true, firstOut: !this.#someOpen(next) } : next;
    this.#changes.push({ alarm, before, after, isAnnounced });
    if (isOver(alarm)) {
      this.#source(alarm.source).delete(conditionKey(alarm));
      this.#byId.delete(alarm.id);
      this.#feeders.delete(alarm.id);
      return;
    }
    this.#source(alarm.source).set(conditionKey(alarm), alarm);
    this.#byId.set(alarm.id, alarm);
  }

  /** Whether another alarm of the same source is unacknowledged; then this one is not the first-out. */
  #someOpen({ source, id }: Alarm): boolean {
    return this.#source(source)
      .values()
      .some((each) => each.id !== id && ['unacknowledged', 'returned'].includes(stateOf(each)));
  }

  #delays(code: string): Delays {
    return this.#rule(code).delays;
  }

  #source(source: string): Map<string, Alarm> {
    const known = this.#sources.get(source);
    if (known !== undefined) return known;
    const made = new Map<string, Alarm>();
    this.#sources.set(source, made);
    return made;
  }
}
