import { lies, servedKwh, type AcceptedLimit, type Charger, type Connector, type Session } from './charger.ts';
import { shareOut, type Sharer } from './sharing.ts';

/** What a site's power is computed from. */
export interface SiteView {
  readonly chargers: readonly Charger[];
  /** Elapsed plant time, ms. */
  readonly nowMs: number;
  /** Plant time, ms UTC. */
  readonly now: number;
  readonly staleMs: number;
  readonly ratedKw: number;
  readonly minimumKw: number;
  /** Total that the default profiles of all chargers allow, kW. */
  readonly safeKw: number;
}

/** What a charger's default profile allows; its share of the rating if it has accepted none. */
const defaultKw = (charger: Charger, { ratedKw, chargers }: SiteView): number =>
  charger.defaultKw ?? ratedKw / chargers.length;

/**
 * What a disconnected charger may take. An accepted profile holds until it ends, and the default applies to sessions that begin
 * meanwhile, so each connector counts at the greater of the two.
 */
export function absentKw(charger: Charger, view: SiteView): number {
  const share = defaultKw(charger, view) / charger.connectorCount;
  let kw = defaultKw(charger, view);
  for (const { session } of charger.connectors.values())
    if (session !== undefined) kw += Math.max(0, boundKw(charger, session, view) - share);
  return kw;
}

/** What a session may take by its accepted limit, and by an unanswered one. */
export function boundKw(charger: Charger, { accepted, unanswered }: Session, view: SiteView): number {
  const holds = (limit: AcceptedLimit | undefined): limit is AcceptedLimit =>
    limit !== undefined && view.nowMs <= limit.untilMs;
  const taken = holds(accepted) ? accepted.kw : defaultKw(charger, view) / charger.connectorCount;
  return holds(unanswered) ? Math.max(taken, unanswered.kw) : taken;
}

export interface SitePower {
  readonly kw: number;
  /** Part of it is not measured: a charger is absent, or a session's meter silent. */
  readonly estimated: boolean;
  /** Time of the newest measurement in it, ms UTC; undefined: none. */
  readonly sourceTime: number | undefined;
  /** Receipt of the oldest measurement in it, elapsed plant time, ms; undefined: none. */
  readonly receivedMs: number | undefined;
}

/** Power of a site from its sessions' meters; absent chargers and silent sessions count at what they may take. */
export function sitePower(view: SiteView): SitePower {
  let [kw, estimated] = [0, false];
  const [times, received]: [number[], number[]] = [[], []];
  for (const charger of view.chargers) {
    if (charger.link === undefined) {
      kw += absentKw(charger, view);
      estimated = true;
      continue;
    }
    for (const { session, meter } of charger.connectors.values()) {
      const power = meter?.power;
      const fresh = power !== undefined && view.nowMs - power.receivedMs <= view.staleMs;
      if (fresh && (session !== undefined || power.value !== 0)) {
        kw += power.value;
        times.push(power.sourceTime);
        received.push(power.receivedMs);
      } else if (session !== undefined) {
        kw += boundKw(charger, session, view);
        estimated = true;
      }
    }
  }
  return {
    kw,
    estimated,
    sourceTime: times.length === 0 ? undefined : Math.max(...times),
    receivedMs: received.length === 0 ? undefined : Math.min(...received),
  };
}

export interface Order {
  readonly charger: Charger;
  readonly connector: Connector;
  readonly session: Session;
  readonly kw: number;
  /** What it may take until the order is accepted, kW. */
  readonly boundKw: number;
}

interface Steerable {
  readonly open: readonly Omit<Order, 'kw'>[];
  /** Sessions that refused before and are retried. Their allowance is reserved until they accept. */
  readonly probed: readonly Omit<Order, 'kw'>[];
  /** What all sessions except the open ones may take, kW. */
  readonly fixedKw: number;
}

function steerable(view: SiteView): Steerable {
  const [open, probed]: [Omit<Order, 'kw'>[], Omit<Order, 'kw'>[]] = [[], []];
  let fixedKw = 0;
  for (const charger of view.chargers) {
    if (charger.link === undefined) fixedKw += absentKw(charger, view);
    else
      for (const connector of charger.connectors.values()) {
        const { session, meter } = connector;
        if (session === undefined) continue;
        const bound = boundKw(charger, session, view);
        const rests = session.restUntilMs !== undefined && view.nowMs < session.restUntilMs;
        // A session above its allowance counts at its measured power, and still gets its share as limit.
        if (lies(session, view.nowMs)) fixedKw += Math.max(0, (meter?.power?.value ?? bound) - bound);
        const order = { charger, connector, session, boundKw: bound };
        if (charger.awaited > 0) fixedKw += bound;
        else if (session.failures === 0) open.push(order);
        else {
          fixedKw += bound;
          if (!rests) probed.push(order);
        }
      }
  }
  return { open, probed, fixedKw };
}

/** Less than this a charger and its car take without charging, kW. */
const IDLE_KW = 0.2;

/** Whether a car charges, by its meter; without a recent value, whether it may. */
export function isCharging({ session, meter }: Connector, { nowMs, staleMs }: SiteView): boolean {
  const power = meter?.power;
  if (power !== undefined && nowMs - power.receivedMs <= staleMs) return power.value > IDLE_KW;
  return session?.chargingSinceMs !== undefined;
}

/** How long a session can wait if it then takes `maxKw` until it leaves; undefined if need or departure is unknown. */
function spareS(connector: Connector, maxKw: number, now: number): number | undefined {
  const { needKwh, departure } = connector.session ?? {};
  if (needKwh === undefined || departure === undefined || maxKw <= 0) return undefined;
  const lackS = (Math.max(0, needKwh - servedKwh(connector)) / maxKw) * 3600;
  // A session that needs nothing more is never urgent.
  return lackS === 0 ? undefined : (departure - now) / 1000 - lackS;
}

/** The limit of each session, so that the site stays within `budgetKw`; none for a charger that has yet to answer. */
export function ordersFor(budgetKw: number, view: SiteView): readonly Order[] {
  const { open, probed, fixedKw } = steerable(view);
  const key = ({ charger, connector }: Omit<Order, 'kw'>): string => `${charger.id}/${connector.id}`;
  const sharers = open.map((each): Sharer => {
    const { charger, session, connector } = each;
    const since = session.chargingSinceMs;
    const maxKw = Math.min(view.ratedKw, session.wantsKw < view.minimumKw ? view.minimumKw : session.wantsKw);
    return {
      key: key(each),
      maxKw,
      spareS: spareS(connector, maxKw, view.now),
      servedKwh: servedKwh(connector),
      uninterrupted: charger.uninterrupted && isCharging(connector, view),
      idle: Number.isFinite(session.wantsKw) && !isCharging(connector, view),
      chargingS: since === undefined ? null : (view.nowMs - since) / 1000,
    };
  });
  const shares = shareOut(budgetKw - fixedKw, sharers, view.minimumKw);
  const probe = (bound: number): number => (bound <= budgetKw && bound >= view.minimumKw ? bound : 0);
  return [
    ...open.map((each) => ({ ...each, kw: shares.get(key(each)) ?? 0 })),
    ...probed.map((each) => ({ ...each, kw: probe(each.boundKw) })),
  ];
}

/** The limit that the chargers hold in total: `budgetKw` if they keep it, else what they may take or are measured to take. */
export function heldKw(budgetKw: number | undefined, view: SiteView): number {
  const { open, fixedKw } = steerable(view);
  const held = fixedKw + open.reduce((sum, each) => sum + each.boundKw, 0);
  const most = budgetKw ?? (open.length === 0 ? view.safeKw : 0);
  return Math.min(Math.max(held, most), view.ratedKw * 10);
}
