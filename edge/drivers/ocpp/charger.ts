import type { ChargerLink } from './chargers.ts';
import type { ChargerFacts, Dialect } from './dialect.ts';
import type { MeterState } from './meter-state.ts';

/** Assumed for a car whose phases are unknown, so that a limit in amperes also holds on one phase. */
export const ASSUMED_PHASES = 3;

/** A limit that the charger has accepted. Times are elapsed plant time, ms. */
export interface AcceptedLimit {
  readonly kw: number;
  readonly atMs: number;
  readonly untilMs: number;
}

export interface Session {
  /** Undefined: it began before the gateway started, and the charger has not named it. */
  id: string | undefined;
  readonly beganMs: number;
  startKwh: number | undefined;
  accepted: AcceptedLimit | undefined;
  /** The charger has not answered this limit, so it may have accepted it. */
  unanswered: AcceptedLimit | undefined;
  /** After a refusal or time-out it is not retried before this time. */
  restUntilMs: number | undefined;
  failures: number;
  /** Since when it has drawn more than its limit. */
  aboveMs: number | undefined;
  /** Since when it has drawn clearly less than its limit. */
  belowMs: number | undefined;
  /** Highest power that the car has shown; Infinity: it takes what it gets. */
  wantsKw: number;
  chargingSinceMs: number | undefined;
  needKwh: number | undefined;
  departure: number | undefined;
}

export interface Connector {
  readonly id: number;
  /** Its outlets in use. */
  readonly occupied: Set<number>;
  session: Session | undefined;
  meter: MeterState | undefined;
}

/** One charger of a site: its connection, its connectors and the settings that hold without the gateway. */
export class Charger {
  readonly id: string;
  /** Its cars must not pause once they charge. */
  readonly uninterrupted: boolean;
  link: ChargerLink | undefined;
  dialect: Dialect | undefined;
  facts: ChargerFacts = {};
  words: string | undefined;
  /** The connection on which it reported its facts, and the one on which it was configured. */
  known: ChargerLink | undefined;
  configured: ChargerLink | undefined;
  /** Total that its default profile allows, kW; undefined: it has accepted none. */
  defaultKw: number | undefined;
  /** When its default is retried, elapsed plant time, ms; undefined: it is in force. */
  defaultDueMs: number | undefined;
  /** Limits of its sessions that it has yet to answer. */
  awaited = 0;
  /** A repetition of all limits came while it had to answer. */
  missed = false;
  readonly connectors = new Map<number, Connector>();

  constructor(id: string, uninterrupted: boolean) {
    this.id = id;
    this.uninterrupted = uninterrupted;
  }

  connector(id: number): Connector {
    const known = this.connectors.get(id);
    if (known !== undefined) return known;
    const made: Connector = { id, occupied: new Set(), session: undefined, meter: undefined };
    this.connectors.set(id, made);
    return made;
  }

  get connectorCount(): number {
    return Math.max(1, this.facts.connectors ?? 0, ...this.connectors.keys());
  }

  withSession(session: string): Connector | undefined {
    return [...this.connectors.values()].find((each) => each.session?.id === session);
  }

  begin(connector: Connector, id: string | undefined, nowMs: number): void {
    if (connector.session !== undefined && (id === undefined || connector.session.id === id)) return;
    // A session that continued through a restart of the gateway gets its id late.
    if (connector.session?.id === undefined && connector.session !== undefined) {
      connector.session.id = id;
      return;
    }
    connector.session = {
      id,
      beganMs: nowMs,
      startKwh: undefined,
      accepted: undefined,
      unanswered: undefined,
      restUntilMs: undefined,
      failures: 0,
      aboveMs: undefined,
      belowMs: undefined,
      wantsKw: Infinity,
      chargingSinceMs: undefined,
      needKwh: undefined,
      departure: undefined,
    };
  }
}

/** Energy delivered to a session, kWh; 0 if its meter reports no register. */
export function servedKwh({ session, meter }: Connector): number {
  const [start, now] = [session?.startKwh, meter?.registerKwh];
  return start === undefined || now === undefined ? 0 : Math.max(0, now - start);
}

const SLACK = 1.1;
const SLACK_KW = 0.5;
const BINDS = 0.9;
/** Time allowed for a car to follow (IEC 61851-1 gives it 5 s to lower its current, chargers need some more), ms. */
const SETTLE_MS = 20_000;
const SEEN_MS = 30_000;

/** Judges a new meter value: whether the session keeps its limit, and how much it takes at most. */
export function judge(session: Session, kw: number, nowMs: number): void {
  const { accepted } = session;
  if (accepted === undefined || nowMs > accepted.untilMs || nowMs < accepted.atMs + SETTLE_MS) return;
  const above = kw > accepted.kw * SLACK + SLACK_KW;
  session.aboveMs = above ? (session.aboveMs ?? nowMs) : undefined;
  const below = kw < accepted.kw * BINDS;
  session.belowMs = below ? (session.belowMs ?? nowMs) : undefined;
  if (!below) session.wantsKw = Infinity;
  else if (accepted.kw > 0 && nowMs - session.belowMs! >= SEEN_MS) session.wantsKw = Math.max(0, kw) * SLACK + SLACK_KW;
}

/** The charger accepts the limit but exceeds it. */
export const lies = ({ aboveMs, accepted }: Session, nowMs: number): boolean =>
  accepted !== undefined && aboveMs !== undefined && nowMs - aboveMs >= SEEN_MS;
