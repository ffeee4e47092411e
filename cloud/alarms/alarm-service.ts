import type {
  AlarmAct,
  AlarmDeskView,
  AlarmFiguresView,
  AlarmRuleView,
  AlarmState,
  AlarmView,
} from '../../shared/contracts/alarm.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { EventView } from '../../shared/contracts/view.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { Turns } from '../../shared/time/turns.ts';
import { onlyFeederOf } from './alarm-place.ts';
import { priorityOf, type RuleBook } from './alarm-rules.ts';
import type { StoredEvent } from '../audit/event-store.ts';
import type { AlarmStore } from './alarm-store.ts';
import { byUrgency, deskView, viewsOf, type AlarmPlace } from './alarm-views.ts';
import { shownAs } from './shown-event.ts';
import { type Alarm, isOver, isStanding, stateOf } from './core/alarm.ts';
import { AlarmDesk, MOST_ALARMS, type Change } from './core/alarm-desk.ts';
import { figures, type Announcement } from './core/figures.ts';
import { LastReports } from './core/last-reports.ts';
import { FloodMeter, TEN_MINUTES_MS } from './core/flood.ts';

export interface AlarmServiceOptions {
  readonly region: Region;
  readonly rules: RuleBook;
  readonly store: AlarmStore;
  readonly clock: Clock;
  /** Past events: oldest first above `after`, newest first without it. */
  readonly past: (query: { after?: number; kind: 'alarm'; limit: number }) => Promise<readonly StoredEvent[]>;
  /** An alarm has changed. */
  readonly onChange?: (alarm: AlarmView) => void;
  /** Reports the desk's own events: a flood begins or ends, a gateway has too many alarms. */
  report(event: LoadstoneEvent): void;
}

const TICK_MS = 1_000;
/** Events examined at a start for the order of their reports, and at the very first one for alarms that still stand. */
const RECALLED = 5_000;
const PAGE = 500;
/** After a restart, an alarm not reported again within this time is gone, ms of plant time. */
const CONFIRM_MS = 30 * 60_000;

/** The operator's alarms: derived from events, kept across restarts, acted on by people. */
export class AlarmService {
  readonly #options: AlarmServiceOptions;
  readonly #flood: FloodMeter;
  #desk: AlarmDesk;
  #eventsUpTo = 0;
  #dirty = new Map<number, Alarm | null>();
  #announcements: (Announcement & { readonly alarm: number })[] = [];
  #announcedCount = 0;
  #since = 0;
  /** The store's last error message. */
  #refusal = '';
  #timer: Timer | undefined;
  readonly #turns = new Turns();
  readonly #lastReports = new LastReports();
  /** Gateways reported for too many alarms, until they have half as many. */
  readonly #overfull = new Set<string>();
  /** Events received during start. */
  #early: StoredEvent[] | undefined = [];

  constructor(options: AlarmServiceOptions) {
    this.#options = options;
    this.#flood = new FloodMeter(options.rules.flood);
    this.#desk = this.#deskOf([], 1);
  }

  /** Loads the kept alarms and catches up with missed events. */
  async start(): Promise<void> {
    const { store, clock, past } = this.#options;
    const now = clock.plant.now();
    const { alarms, nextId, eventsUpTo, since } = await store.load(now);
    this.#since = since;
    this.#desk = this.#deskOf(alarms, nextId);
    for (const { at } of await store.announcements(now - TEN_MINUTES_MS, now)) this.#flood.announced(at);
    const recent = (await past({ kind: 'alarm', limit: RECALLED })).toReversed();
    if (eventsUpTo === undefined) recent.forEach((event) => this.#apply(event));
    else {
      this.#eventsUpTo = eventsUpTo;
      for (const event of recent) if (event.id <= eventsUpTo && event.active !== null) this.#lastReports.take(event);
      for (let page = await this.#missed(); page.length > 0; page = await this.#missed())
        page.forEach((each) => this.#apply(each));
    }
    this.#desk.restarted('cloud', { confirmBy: now + CONFIRM_MS });
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const event of early) if (event.id > this.#eventsUpTo) this.take(event);
    await this.#tick();
    this.#timer = every(clock.machine, TICK_MS, () => this.#tick());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#settle();
  }

  /** Applies a logged event. Alarms that a gateway does not report again after its start are gone. */
  take(event: StoredEvent): void {
    if (this.#early !== undefined) return void this.#early.push(event);
    this.#apply(event);
    if (event.code === 'gateway.started') {
      const confirmBy = this.#now() + CONFIRM_MS;
      const hasSince = (alarm: Alarm): boolean => this.#lastReports.hasSince(alarm, event);
      this.#desk.restarted('gateway', { source: event.source, confirmBy, hasSince });
    }
    this.#collect();
  }

  /** Shows one of the cloud's own alarms that the log cannot take yet; it is stored once the log is back. */
  show(event: LoadstoneEvent): void {
    const { device = null, subject = null, active = null } = event;
    this.take({ ...event, id: 0, source: 'cloud', own: true, device, subject, active });
  }

  /** The event as the log shows it. */
  shown(event: StoredEvent): EventView {
    return shownAs(event, this.#options.rules.of(event.code));
  }

  view(): AlarmDeskView {
    const { inTenMinutes, floodSince } = this.#flood;
    return { ...deskView(this.#place()), rate: { inTenMinutes, floodSince }, told: this.#announcedCount };
  }

  /** Alarms in any of `states`, most urgent first. */
  list(states: readonly AlarmState[]): AlarmView[] {
    return this.#views(
      this.#desk
        .all()
        .filter((alarm) => states.includes(stateOf(alarm)))
        .toSorted(byUrgency),
    );
  }

  /** Number of standing alarms of a source. */
  count(source: string): number {
    return this.#desk.of(source).filter((alarm) => isStanding(stateOf(alarm))).length;
  }

  /** Whether a condition holds, regardless of its delay and of acts on it. */
  holds(source: string, code: string): boolean {
    return this.#desk.of(source).some((alarm) => alarm.code === code && alarm.tellers.length > 0);
  }

  /** Whether an alarm's condition holds. */
  isActive(id: number): boolean {
    return this.#desk.get(id)?.active === true;
  }

  /** Throws LS-API-004 if there is no such alarm. */
  get(id: number): AlarmView {
    return this.#views([this.#alarm(id)])[0]!;
  }

  async acknowledge(id: number, by: string): Promise<AlarmView> {
    this.#alarm(id);
    return this.#acted(this.#desk.acknowledge(id, this.#act(by, '')));
  }

  /** Shelves for at most twelve hours. Throws LS-API-005 for an alarm that is not standing. */
  async shelve(
    id: number,
    { by, reason, minutes }: { by: string; reason: string; minutes: number },
  ): Promise<AlarmView> {
    const alarm = this.#alarm(id);
    if (!isStanding(stateOf(alarm)) && alarm.shelved === null)
      throw new LoadstoneError('LS-API-005', `alarm ${id} is ${stateOf(alarm)}: only a standing alarm can be shelved`);
    const act = this.#act(by, reason);
    return this.#acted(this.#desk.shelve(id, act, act.at + minutes * 60_000));
  }

  async unshelve(id: number): Promise<AlarmView> {
    if (this.#alarm(id).shelved === null) throw new LoadstoneError('LS-API-005', `alarm ${id} is not shelved`);
    return this.#acted(this.#desk.unshelve(id, this.#now()));
  }

  async takeOut(id: number, by: string, reason: string): Promise<AlarmView> {
    this.#alarm(id);
    return this.#acted(this.#desk.takeOut(id, this.#act(by, reason)));
  }

  async bringBack(id: number): Promise<AlarmView> {
    if (this.#alarm(id).outOfService === null)
      throw new LoadstoneError('LS-API-005', `alarm ${id} is not out of service`);
    return this.#acted(this.#desk.bringBack(id, this.#now()));
  }

  /** Figures over [from, to), ms UTC of plant time, limited to the recorded time. Hours before the first start do not count as quiet. */
  async figures(from: number, to: number): Promise<AlarmFiguresView> {
    const { store, rules } = this.#options;
    await this.#settle();
    const end = Math.max(from + 1, Math.min(to, Math.floor(this.#now()) + 1));
    const begin = this.#since < end ? Math.max(from, this.#since) : from;
    const announcements = await store.announcements(begin - TEN_MINUTES_MS, end);
    return figures(announcements, { from: begin, to: end, now: this.#desk.all(), flood: rules.flood });
  }

  rules(): AlarmRuleView[] {
    return this.#options.rules.all().map(({ code, name, priority, cause, consequence, action, respondWithinS }) => ({
      code,
      name,
      priority,
      cause,
      consequence,
      action,
      respondWithinS,
    }));
  }

  #deskOf(alarms: readonly Alarm[], nextId: number): AlarmDesk {
    const { region, rules } = this.#options;
    return new AlarmDesk({
      alarms,
      nextId,
      feeder: (alarm) => onlyFeederOf(region, alarm),
      rule: (code) => {
        const rule = rules.of(code);
        const delays = { onMs: (rule?.onDelayS ?? 0) * 1000, offMs: (rule?.offDelayS ?? 0) * 1000 };
        return { delays, suppressedBy: rule?.suppressedBy ?? [] };
      },
    });
  }

  #missed(): Promise<readonly StoredEvent[]> {
    return this.#options.past({ kind: 'alarm', after: this.#eventsUpTo, limit: PAGE });
  }

  #apply(event: StoredEvent): void {
    this.#eventsUpTo = Math.max(this.#eventsUpTo, event.id);
    const rule = this.#options.rules.of(event.code);
    if (event.kind !== 'alarm' || event.active === null || rule === undefined) return;
    const { source, code, device, subject, text, parameters, time } = event;
    const priority = priorityOf(rule, event.severity);
    if (event.active && priority === null) return;
    if (!this.#lastReports.take(event)) return;
    const telling = {
      source,
      code,
      device,
      subject,
      text,
      parameters,
      holds: event.active,
      at: time,
      priority: priority ?? 3,
    };
    const taken = this.#desk.take({ ...telling, teller: event.own === true ? 'cloud' : 'gateway' }, this.#now());
    if (!taken) this.#tellOverfull(source);
  }

  async #tick(): Promise<void> {
    const now = this.#now();
    this.#desk.tick(now);
    for (const source of this.#overfull)
      if (this.#desk.of(source).length <= MOST_ALARMS / 2) this.#overfull.delete(source);
    const before = this.#flood.floodSince;
    this.#flood.advance(now);
    await this.#settle().then(
      () => (this.#refusal = ''),
      (error: unknown) => {
        // An unavailable store fails every second; report each error once.
        if (String(error) === this.#refusal) return;
        this.#refusal = String(error);
        throw error;
      },
    );
    if (before !== null && this.#flood.floodSince === null) this.#tellFlood(false);
  }

  /** Queues changes for the next write. Announced alarms count for figures and flood. */
  #collect(): void {
    const changes = this.#desk.drain();
    for (const change of changes) {
      const { alarm } = change;
      this.#dirty.set(alarm.id, isOver(alarm) ? null : alarm);
      if (change.isAnnounced) this.#count(change);
    }
    const { onChange } = this.#options;
    if (onChange !== undefined) for (const view of this.#views(changes.map(({ alarm }) => alarm))) onChange(view);
  }

  #count({ alarm }: Change): void {
    const now = this.#now();
    const { source, code, device, subject, priority } = alarm;
    this.#announcements.push({ at: now, alarm: alarm.id, source, code, about: device ?? subject, priority });
    this.#announcedCount++;
    const before = this.#flood.floodSince;
    this.#flood.announced(now);
    if (before === null && this.#flood.floodSince !== null) this.#tellFlood(true);
  }

  #tellFlood(begins: boolean): void {
    const count = this.#flood.inTenMinutes;
    this.#options.report({
      time: this.#now(),
      kind: 'event',
      severity: 'medium',
      code: 'alarms.flood',
      text: begins
        ? formatMessage('alarms.flood', 'A flood of alarms has begun: {count} in ten minutes.', { count })
        : formatMessage('alarms.flood', 'The flood of alarms has ended.'),
    });
  }

  #tellOverfull(gateway: string): void {
    if (this.#overfull.has(gateway)) return;
    this.#overfull.add(gateway);
    this.#options.report({
      time: this.#now(),
      kind: 'event',
      severity: 'high',
      code: 'alarms.excess',
      text: formatMessage(
        'alarms.excess',
        'Gateway {gateway} has {most} alarms: no gateway of ours has as many. Further ones are only events.',
        { gateway, most: MOST_ALARMS },
      ),
    });
  }

  /** Commits one batch at a time. A failed commit is merged into the next. */
  #settle(): Promise<void> {
    this.#collect();
    return this.#turns.take(async () => {
      const [dirty, announcements] = [this.#dirty, this.#announcements];
      if (dirty.size === 0 && announcements.length === 0) return;
      const put = [...dirty.values()].filter((alarm) => alarm !== null);
      const remove = [...dirty].filter(([, alarm]) => alarm === null).map(([id]) => id);
      const { nextId } = this.#desk;
      [this.#dirty, this.#announcements] = [new Map(), []];
      try {
        await this.#options.store.commit({ put, remove, announcements, eventsUpTo: this.#eventsUpTo, nextId });
      } catch (error) {
        [this.#dirty, this.#announcements] = [
          new Map([...dirty, ...this.#dirty]),
          [...announcements, ...this.#announcements],
        ];
        throw error;
      }
    });
  }

  /** An operator's act is durable before it is confirmed. */
  async #acted(alarm: Alarm | undefined): Promise<AlarmView> {
    await this.#settle();
    await this.#options.store.synced();
    return this.#views([alarm!])[0]!;
  }

  #alarm(id: number): Alarm {
    const alarm = this.#desk.get(id);
    if (alarm === undefined) throw new LoadstoneError('LS-API-004', `there is no alarm ${id}, or it is over`);
    return alarm;
  }

  #views(alarms: readonly Alarm[]): AlarmView[] {
    return viewsOf(alarms, this.#place());
  }

  #place(): AlarmPlace {
    const { region, rules } = this.#options;
    return { region, rules, all: this.#desk.all() };
  }

  #act(by: string, reason: string): AlarmAct {
    return { by, at: this.#now(), reason };
  }

  #now(): number {
    return this.#options.clock.plant.now();
  }
}
