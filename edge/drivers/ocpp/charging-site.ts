import type { Metric } from '../../../shared/contracts/frame.ts';
import type { ChargingSession } from '../../../shared/contracts/sessions.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { measured, type ReadSample, type Samples } from '../driver.ts';
import { isPlausibleTime, plausible } from '../plausible.ts';
import { ASSUMED_PHASES, Charger, judge, servedKwh, type Connector, type Session } from './charger.ts';
import type { ChargerEvent } from './dialect.ts';
import { metered, type MeterState } from './meter-state.ts';
import { readingOf } from './meter-values.ts';
import { absentKw, heldKw, isCharging, sitePower, type SiteView } from './site-power.ts';

export interface ChargingSiteOptions {
  readonly chargers: readonly string[];
  /** Those whose cars must not pause once they charge. Absent: none. */
  readonly uninterrupted?: readonly string[] | undefined;
  readonly staleAfterS: number;
  readonly nominalV: number;
  readonly ratedKw: number;
  /** Total of all chargers without the gateway, kW. */
  readonly safeKw: number;
  /** Below this a session does not charge, kW. */
  readonly minimumKw: number;
  readonly clock: Clock;
  /** Called with the reason for each rejected value. */
  readonly onRefused: (why: string) => void;
}

const FIRST_OUTLET = 1;
/** Marks a sample that is partly a worst-case assumption. */
const ESTIMATED = { quality: 'uncertain', origin: 'estimated' } as const;

/** The chargers of a site, updated from their messages. */
export class ChargingSite {
  readonly chargers: ReadonlyMap<string, Charger>;
  readonly #options: ChargingSiteOptions;
  #samples: Samples = new Map();
  /** Set when sessions or chargers came, went or refused; the driver resets it. */
  changed = false;

  constructor(options: ChargingSiteOptions) {
    this.#options = options;
    const steady = new Set(options.uninterrupted);
    this.chargers = new Map(options.chargers.map((id) => [id, new Charger(id, steady.has(id))]));
  }

  view(): SiteView {
    const { staleAfterS, ratedKw, minimumKw, safeKw, clock } = this.#options;
    return {
      chargers: [...this.chargers.values()],
      nowMs: clock.plant.elapsed(),
      now: clock.plant.now(),
      staleMs: staleAfterS * 1000,
      ratedKw,
      minimumKw,
      safeKw,
    };
  }

  /** The newest sample of each metric; the previous samples while no charger is connected. */
  samples(budgetKw: number | undefined): Samples {
    const view = this.view();
    if (view.chargers.every(({ link }) => link === undefined)) return this.#samples;
    const power = sitePower(view);
    const now = Math.round(this.#options.clock.plant.now());
    const sample = (value: number, more: Partial<ReadSample> = {}): ReadSample => ({
      ...measured(value, { ms: now, uncertain: false }, view.nowMs),
      ...more,
    });
    const connectors = view.chargers.flatMap((charger) => [...charger.connectors.values()]);
    const sessions = connectors.filter(({ session }) => session !== undefined);
    const samples = new Map<Metric, ReadSample>([
      [
        'activePowerKw',
        sample(power.kw, {
          time: power.sourceTime ?? now,
          receivedMs: power.receivedMs ?? view.nowMs,
          ...(power.estimated ? ESTIMATED : {}),
        }),
      ],
      ['sessions', sample(sessions.length)],
      ['activePowerLimitKw', sample(heldKw(budgetKw, view))],
    ]);
    const volts = worstVolts(connectors, view, this.#options.nominalV);
    if (volts !== undefined) samples.set('voltagePu', sample(volts / this.#options.nominalV));
    // What a car would take without a limit is known once it draws less than its limit; until then it counts at the site's rating.
    const wished = sessions.reduce((sum, { session }) => sum + session!.wantsKw, 0);
    samples.set('wishedKw', sample(Math.min(wished, view.ratedKw), ESTIMATED));
    const due = sessions.flatMap((each) =>
      each.session?.needKwh === undefined ? [] : [Math.max(0, each.session.needKwh - servedKwh(each))],
    );
    if (due.length > 0) samples.set('energyDueKwh', sample(due.reduce((sum, kwh) => sum + kwh, 0)));
    const departures = sessions.flatMap(({ session }) => (session?.departure === undefined ? [] : [session.departure]));
    if (departures.length > 0) samples.set('deadlineMs', sample(Math.min(...departures)));
    this.#samples = samples;
    return samples;
  }

  /** The charging sessions; an absent charger counts as one session with what it may take. Undefined before any charger has connected. */
  sessions(): ChargingSession[] | undefined {
    const view = this.view();
    if (view.chargers.every(({ link }) => link === undefined)) return undefined;
    return view.chargers.flatMap((charger) => {
      if (charger.link === undefined) return [{ id: charger.id, maxKw: absentKw(charger, view), minKw: 0 }];
      return [...charger.connectors.values()].flatMap((connector) => {
        const { session } = connector;
        if (session === undefined) return [];
        const { needKwh, departure, wantsKw } = session;
        const maxKw = Math.min(view.ratedKw, wantsKw);
        return [
          {
            id: `${charger.id}/${connector.id}`,
            ...(needKwh === undefined ? {} : { energyDueKwh: Math.max(0, needKwh - servedKwh(connector)) }),
            ...(departure === undefined ? {} : { departure }),
            maxKw,
            minKw: Math.min(maxKw, view.minimumKw),
            ...(charger.uninterrupted ? { uninterrupted: true, charging: isCharging(connector, view) } : {}),
          },
        ];
      });
    });
  }

  /** Connected chargers with a session whose power they have not reported within the staleness limit. */
  unmetered(): Charger[] {
    const { chargers, nowMs, staleMs } = this.view();
    const silent = ({ session, meter }: Connector): boolean =>
      session !== undefined && nowMs - Math.max(session.beganMs, meter?.power?.receivedMs ?? -Infinity) > staleMs;
    return chargers.filter(({ link, connectors }) => link !== undefined && connectors.values().some(silent));
  }

  /** Applies an event of a charger. */
  take(charger: Charger, event: ChargerEvent): void {
    const nowMs = this.#options.clock.plant.elapsed();
    const before = charger.connectorCount;
    switch (event.kind) {
      case 'boot':
        charger.words = event.words;
        // The charger may have lost its limits with its memory.
        for (const { session } of charger.connectors.values()) if (session !== undefined) session.accepted = undefined;
        charger.defaultDueMs = nowMs;
        this.changed = true;
        break;
      case 'status': {
        const { connector: id, outlet = FIRST_OUTLET } = event;
        const connector = charger.connector(id);
        if (event.charging) this.#begin(charger, id, { outlet });
        else if (event.occupied) connector.occupied.add(outlet);
        else {
          // Another outlet of it may be in use. A charger that lost its session reports all as free.
          connector.occupied.delete(outlet);
          if (connector.occupied.size === 0) this.#end(connector);
        }
        break;
      }
      case 'begun':
        this.#begin(charger, event.connector, event);
        break;
      case 'ended': {
        const connector = charger.withSession(event.session);
        if (connector === undefined) break;
        connector.occupied.clear();
        this.#end(connector);
        break;
      }
      case 'meter':
        this.#metered(charger, event);
        break;
      case 'needs': {
        const connector = charger.connector(event.connector);
        const { session } = connector;
        if (session === undefined) break;
        // Counted from now: a car that reports again states what is left.
        session.needKwh = event.energyKwh === undefined ? undefined : event.energyKwh + servedKwh(connector);
        session.departure = event.departure;
        break;
      }
    }
    // With more connectors than known before, each gets a smaller default.
    if (charger.connectorCount !== before) charger.defaultDueMs = nowMs;
  }

  #begin(
    charger: Charger,
    id: number,
    { outlet = FIRST_OUTLET, session }: { readonly outlet?: number | undefined; readonly session?: string },
  ): void {
    const connector = charger.connector(id);
    connector.occupied.add(outlet);
    const before = connector.session;
    charger.begin(connector, session, this.#options.clock.plant.elapsed());
    if (connector.session !== before) this.changed = true;
  }

  #end(connector: Connector): void {
    if (connector.session === undefined) return;
    connector.session = undefined;
    connector.meter = undefined;
    this.changed = true;
  }

  #metered(charger: Charger, event: Extract<ChargerEvent, { kind: 'meter' }>): void {
    const { clock, nominalV, ratedKw, staleAfterS, onRefused } = this.#options;
    const connector =
      event.connector === undefined ? charger.withSession(event.session ?? '') : charger.connector(event.connector);
    // Connector 0 is the whole charger; only its connectors are counted.
    if (connector === undefined || connector.id === 0) return;
    if (event.samples.some(({ value }) => !Number.isFinite(value)))
      return onRefused(`${charger.id}: a meter value is not a number`);
    const reading = readingOf(event.samples, nominalV);
    const span = plausible('activePowerKw', ratedKw);
    if (reading.kw !== undefined && !(reading.kw >= span.min && reading.kw <= span.max))
      return onRefused(`${charger.id}: power ${reading.kw} kW is outside ${span.min} to ${span.max}`);
    const now = Math.round(clock.plant.now());
    const near = isPlausibleTime(event.time, now);
    const sourceTime = near ? event.time : now;
    const last = connector.meter;
    const nowMs = clock.plant.elapsed();
    // If the last value is stale, an older timestamp means the charger's clock was set back.
    const isKnown = last !== undefined && nowMs - last.receivedMs <= 1000 * staleAfterS;
    if (isKnown && !last.timeUncertain && near && sourceTime < last.sourceTime)
      return onRefused(`${charger.id}: a meter value is older than the last one`);
    const at = { sourceTime, receivedMs: nowMs, timeUncertain: !near, mostKw: span.max };
    const { state, refusedKw } = metered(last, reading, at);
    connector.meter = state;
    if (refusedKw !== undefined)
      onRefused(`${charger.id}: its energy register gives ${refusedKw} kW, outside 0 to ${span.max}`);
    const { session } = connector;
    if (session === undefined) return;
    session.startKwh ??= state.registerKwh;
    if (charger.facts.amperesOnly === true && state.phases !== last?.phases) this.#rescaled(session, last, state);
    if (state.power?.receivedMs === nowMs) judge(session, state.power.value, nowMs);
  }

  /** The same amperes are a different power on other phases; this is what the session may take until it gets a new limit. */
  #rescaled(session: Session, before: MeterState | undefined, now: MeterState): void {
    const { accepted } = session;
    if (accepted === undefined) return;
    const factor = (now.phases ?? ASSUMED_PHASES) / (before?.phases ?? ASSUMED_PHASES);
    session.accepted = { ...accepted, kw: accepted.kw * factor };
    this.changed = true;
  }
}

function worstVolts(
  connectors: readonly Connector[],
  { nowMs, staleMs }: SiteView,
  nominalV: number,
): number | undefined {
  return connectors
    .flatMap(({ meter }) => {
      const volts = meter?.volts;
      return volts === undefined || nowMs - volts.receivedMs > staleMs ? [] : [volts.value];
    })
    .toSorted((a, b) => Math.abs(b - nominalV) - Math.abs(a - nominalV))[0];
}
