import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { ChargingSession } from '../../../shared/contracts/sessions.ts';
import { backOff } from '../../../shared/time/back-off.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Setpoint } from '../../control/setpoint.ts';
import type { Driver, DriverCounters, Samples, WireSpans } from '../driver.ts';
import { SetpointWriter, type WriteTiming } from '../setpoint-writer.ts';
import { ASSUMED_PHASES, type Charger } from './charger.ts';
import { ChargingSite } from './charging-site.ts';
import { formatMessage } from '../../../shared/sentences/message-forms.ts';
import type { ChargerLink, ChargerSite, OcppCall, OpenChargers } from './chargers.ts';
import { statusOf, type Dialect, type ProfileLimit } from './dialect.ts';
import type { MeterState } from './meter-state.ts';
import { ocpp16 } from './ocpp-16.ts';
import { ocpp201 } from './ocpp-201.ts';
import { boundKw, ordersFor, type Order } from './site-power.ts';

export interface OcppDriverOptions {
  readonly site: ChargerSite;
  /** Absent: no charger can connect. */
  readonly openChargers?: OpenChargers | undefined;
  readonly staleAfterS: number;
  readonly nominalV: number;
  readonly ratedKw: number;
  /** Total of all chargers without the gateway, kW. */
  readonly safeKw: number;
  /** Below this a session does not charge, kW. */
  readonly minimumKw: number;
  readonly spans: WireSpans;
  readonly write: WriteTiming & { readonly revertAfterS: number };
  readonly clock: Clock;
}

const HEARTBEAT_S = 300;
const MOST_ID = 0x7fff_ffff;
const DEAL_AGAIN_MS = 60_000;
const REST_MS = [5000, 60_000] as const;
/** How far a charger's clock may be behind, s; profiles begin this much earlier. */
const CLOCK_SLACK_S = 60;
const SAME_KW = 0.05;
const KEY = 'activePowerLimitKw';

/**
 * A charging site whose chargers connect to the gateway, OCPP 1.6J or 2.0.1. The site's limit is shared among its sessions as
 * individual profiles that expire (TxProfile with a duration). After that, and for sessions that begin without the gateway, the
 * chargers' default profile holds (TxDefaultProfile): the safe default in equal parts. Shrinking shares are sent first; the others
 * grow once those are accepted.
 */
export class OcppDriver implements Driver {
  readonly #options: OcppDriverOptions;
  readonly #site: ChargingSite;
  readonly #timing: SetpointWriter;
  #server: { close(): Promise<void> } | undefined;
  #counters = { refused: 0, lastRefusal: null as string | null, sent: 0, unsent: 0 };
  #permitted = false;
  #budgetKw: number | undefined;
  #dealtMs = -Infinity;
  #round = 0;
  #lastSession = 0;

  constructor(options: OcppDriverOptions) {
    this.#options = options;
    this.#site = new ChargingSite({
      ...options,
      ...options.site,
      onRefused: (why) => this.#refuse(why),
    });
    const span = options.spans[KEY] ?? { min: 0, max: options.ratedKw };
    this.#timing = new SetpointWriter(options.write, span, options.ratedKw);
  }

  start(): void {
    this.#server = this.#options.openChargers?.(this.#options.site, {
      onConnect: (charger, link) => this.#connected(charger, link),
      onCall: (charger, link, call) => this.#called(charger, link, call),
      onClose: (charger, link) => {
        const known = this.#site.chargers.get(charger);
        if (known?.link !== link) return;
        known.link = undefined;
        this.#site.changed = true;
      },
      onFault: (why) => this.#refuse(why),
    });
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  read(): Samples {
    return this.#site.samples(this.#budgetKw);
  }

  sessions(): readonly ChargingSession[] | undefined {
    return this.#site.sessions();
  }

  counters(): DriverCounters {
    return this.#counters;
  }

  permit(allowed: boolean): void {
    this.#permitted = allowed;
  }

  /** Only while nothing may be written. Otherwise the charger was configured, and a session without values counts at its limit. */
  unreported(): readonly string[] {
    return this.#permitted ? [] : this.#site.unmetered().map(({ id, dialect }) => unmetered(id, dialect));
  }

  async hold(setpoint: Setpoint, urgent: boolean): Promise<void> {
    const nowMs = this.#options.clock.plant.elapsed();
    const value = setpoint[KEY];
    if (this.#permitted) this.#keepSettings(nowMs);
    if (value === undefined) {
      this.#timing.release();
      this.#budgetKw = undefined;
      return;
    }
    if (!this.#timing.allowed(value)) return this.#refuse(`${KEY} ${value} is outside the range that may be sent`);
    const due = this.#timing.due(value, nowMs, urgent);
    if (due !== undefined) this.#timing.sent(due, nowMs);
    if (due !== undefined) this.#budgetKw = due;
    if (due === undefined && !this.#site.changed && !this.#rested(nowMs) && nowMs - this.#dealtMs < DEAL_AGAIN_MS)
      return;
    this.#budgetKw ??= value;
    // The cycle waits for no charger.
    this.#later(this.#deal(due !== undefined));
  }

  #connected(id: string, link: ChargerLink): void {
    const charger = this.#site.chargers.get(id);
    if (charger === undefined) return link.close();
    charger.link?.close();
    charger.link = link;
    charger.dialect = dialectOf(link);
    this.#site.changed = true;
    this.#later(this.#prepare(charger, link, charger.dialect));
  }

  #called(id: string, link: ChargerLink, call: OcppCall): Outcome<object> {
    const charger = this.#site.chargers.get(id);
    if (charger?.link !== link || charger.dialect === undefined)
      return bad('LS-DEVICE-001', 'this connection was replaced by another one');
    const { clock } = this.#options;
    const about = { now: clock.plant.now(), heartbeatS: HEARTBEAT_S, newSession: () => this.#newSession() };
    const taken = charger.dialect.take(call, about);
    if (!taken.ok) {
      this.#refuse(`${id}: ${call.action}: ${taken.fault.detail}`);
      return taken;
    }
    for (const event of taken.value.events) this.#site.take(charger, event);
    return good(taken.value.reply);
  }

  /** Asks a newly connected charger for its facts and state, and configures it as soon as that is permitted. */
  async #prepare(charger: Charger, link: ChargerLink, dialect: Dialect): Promise<void> {
    const { facts } = dialect;
    const reply = await link.call(facts.action, facts.payload as object);
    if (charger.link !== link) return;
    if (reply.ok) charger.facts = { ...charger.facts, ...dialect.learn(facts, reply.value) };
    charger.known = link;
    if (this.#permitted) await this.#configure(charger, link, dialect);
    await this.#ask(dialect.triggers, charger, link);
  }

  /** Sets the default profile first, then the meter value interval. */
  async #configure(charger: Charger, link: ChargerLink, dialect: Dialect): Promise<void> {
    charger.configured = link;
    await this.#tellDefault(charger, link, dialect);
    const calls = dialect.configure(Math.max(1, Math.floor(this.#options.staleAfterS / 3)));
    await this.#ask(calls, charger, link, () => this.#permitted);
    // Part of it may not have been written.
    if (!this.#permitted && charger.configured === link) charger.configured = undefined;
  }

  async #ask(calls: readonly OcppCall[], charger: Charger, link: ChargerLink, may = () => true): Promise<void> {
    for (const { action, payload } of calls)
      if (charger.link === link && may()) await link.call(action, payload as object);
  }

  async #tellDefault(charger: Charger, link: ChargerLink, dialect: Dialect): Promise<void> {
    const { safeKw, clock } = this.#options;
    const connectors = charger.connectorCount;
    const share = safeKw / this.#site.chargers.size;
    charger.defaultDueMs = clock.plant.elapsed() + REST_MS[1];
    const call = dialect.defaultProfile(this.#limitFor(charger, share / connectors, undefined));
    const refusal = refusalOf(await link.call(call.action, call.payload as object));
    // A request left over from an old connection says nothing about the new one.
    if (charger.link !== link) return;
    if (refusal === undefined) {
      charger.defaultKw = share;
      // A connector that appeared meanwhile makes the default due again.
      if (charger.connectorCount === connectors) charger.defaultDueMs = undefined;
    } else {
      charger.defaultKw = undefined;
      this.#failed(`${charger.id} rejects its default profile: ${refusal}`);
    }
  }

  /** Writes stored settings: the configuration on each new connection, and the default profile when it is due. */
  #keepSettings(nowMs: number): void {
    for (const charger of this.#site.chargers.values()) {
      const { link, dialect, defaultDueMs, known, configured } = charger;
      if (link === undefined || dialect === undefined || known !== link) continue;
      if (configured !== link) this.#later(this.#configure(charger, link, dialect));
      else if (defaultDueMs !== undefined && nowMs >= defaultDueMs)
        this.#later(this.#tellDefault(charger, link, dialect));
    }
  }

  #rested(nowMs: number): boolean {
    for (const charger of this.#site.chargers.values()) {
      if (charger.link === undefined) continue;
      for (const { session } of charger.connectors.values())
        if (session?.restUntilMs !== undefined && nowMs >= session.restUntilMs) return true;
    }
    return false;
  }

  /** Nothing awaits it, and no answer of a charger may end the gateway. */
  #later(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#site.changed = true;
      this.#failed(String(error));
    });
  }

  /**
   * Sends the sessions their shares; `all` includes unchanged ones. A charger that has yet to answer counts at its bound and delays no
   * other; another round follows its answer. Only the newest round raises shares.
   */
  async #deal(all: boolean): Promise<void> {
    if (this.#budgetKw === undefined) return;
    const round = ++this.#round;
    this.#site.changed = false;
    const view = this.#site.view();
    this.#dealtMs = view.nowMs;
    const orders = ordersFor(this.#budgetKw, view).filter(
      ({ charger, session, kw }) =>
        all || charger.missed || session.accepted === undefined || Math.abs(session.accepted.kw - kw) > SAME_KW,
    );
    for (const charger of view.chargers) charger.missed = charger.awaited > 0 && (all || charger.missed);
    const falls = orders.filter(({ kw, boundKw: bound }) => kw <= bound + SAME_KW);
    const rises = orders.filter((order) => !falls.includes(order));
    const taken = await this.#tellAll(falls, round);
    if (taken.includes(false)) this.#site.changed = true;
    else if (round === this.#round) await this.#tellAll(rises, round);
  }

  #tellAll(orders: readonly Order[], round: number): Promise<boolean[]> {
    return Promise.all(
      orders.map(async (order) => {
        const { charger } = order;
        charger.awaited++;
        try {
          return await this.#tell(order);
        } finally {
          charger.awaited--;
          if (charger.awaited === 0 && round !== this.#round) this.#later(this.#deal(false));
        }
      }),
    );
  }

  async #tell({ charger, connector, session, kw }: Order): Promise<boolean> {
    const { link, dialect } = charger;
    const { clock, write } = this.#options;
    if (link === undefined || dialect === undefined || !this.#permitted) return false;
    const durationS = Math.round(write.revertAfterS);
    const ends = (atMs: number): number => atMs + durationS * 1000;
    const sentMs = clock.plant.elapsed();
    const { unanswered } = session;
    const mostKw = Math.max(kw, boundKw(charger, session, this.#site.view()));
    session.unanswered = { kw: mostKw, atMs: sentMs, untilMs: ends(sentMs) };
    const call = dialect.sessionProfile({
      ...this.#limitFor(charger, kw, connector.meter),
      connector: connector.id,
      session: session.id,
      from: Math.round(clock.plant.now()) - CLOCK_SLACK_S * 1000,
      durationS: durationS + CLOCK_SLACK_S,
    });
    const reply = await link.call(call.action, call.payload as object);
    const refusal = refusalOf(reply);
    const nowMs = clock.plant.elapsed();
    const untilMs = ends(nowMs);
    if (refusal !== undefined) {
      // A late or lost answer does not show whether the limit was accepted.
      const isOpen = !reply.ok && reply.fault.code === 'LS-DEVICE-001';
      session.unanswered = isOpen ? { kw: mostKw, atMs: nowMs, untilMs } : unanswered;
      session.restUntilMs = nowMs + backOff(REST_MS, ++session.failures);
      this.#failed(`${charger.id} rejects the limit of its session: ${refusal}`);
      return false;
    }
    if (session.failures > 0) this.#site.changed = true;
    session.failures = 0;
    session.restUntilMs = undefined;
    if (session.accepted === undefined || Math.abs(session.accepted.kw - kw) > SAME_KW) {
      session.aboveMs = undefined;
      session.belowMs = undefined;
    }
    // Since when the meter can show the limit; an unchanged limit keeps its time.
    const stood = session.accepted !== undefined && Math.abs(session.accepted.kw - kw) <= SAME_KW;
    session.accepted = { kw, atMs: stood ? session.accepted!.atMs : nowMs, untilMs };
    session.unanswered = undefined;
    session.chargingSinceMs = kw > 0 ? (session.chargingSinceMs ?? nowMs) : undefined;
    this.#counters.sent++;
    return true;
  }

  /**
   * Rounded down to stay within the limit. Three phases are assumed if unknown, so that the limit also holds on one. Amperes are more
   * power at a voltage above nominal.
   */
  #limitFor(charger: Charger, kw: number, meter: MeterState | undefined): ProfileLimit {
    if (charger.facts.amperesOnly !== true) return { unit: 'W', limit: Math.floor(kw * 1000 + 1e-6) };
    const volts = Math.max(this.#options.nominalV, meter?.volts?.value ?? 0);
    const amperes = (kw * 1000) / (volts * (meter?.phases ?? ASSUMED_PHASES));
    return { unit: 'A', limit: Math.floor(amperes * 10 + 1e-6) / 10 };
  }

  #newSession(): number {
    const seconds = Math.floor(this.#options.clock.plant.now() / 1000);
    // Ids have 31 bits. From 2038 on the seconds begin anew, so the mask comes first.
    this.#lastSession = Math.max(this.#lastSession + 1, seconds & MOST_ID) & MOST_ID;
    return this.#lastSession;
  }

  #failed(why: string): void {
    this.#counters.unsent++;
    this.#counters.lastRefusal = why;
  }

  #refuse(why: string): void {
    this.#counters.refused++;
    this.#counters.lastRefusal = why;
  }
}

const unmetered = (charger: string, dialect: Dialect | undefined): string =>
  formatMessage(
    'LS-DEVICE-007',
    '{charger} sends no meter values while a car charges, so it counts at what it may take: set {what} at the charger, which the gateway does only where it commands it',
    { charger, what: dialect?.meterSetting ?? formatMessage('LS-DEVICE-007', 'their interval') },
  );

const dialectOf = ({ version }: ChargerLink): Dialect => (version === 'ocpp1.6' ? ocpp16 : ocpp201);

/** Why an answer to a profile is not an acceptance; undefined if it is. */
function refusalOf(reply: Outcome<unknown>): string | undefined {
  if (!reply.ok) return reply.fault.detail;
  const status = statusOf(reply.value);
  return status === 'Accepted' ? undefined : `it answers ${status ?? 'nothing'}`;
}
