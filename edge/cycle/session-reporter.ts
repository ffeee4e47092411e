import { SESSIONS_INTERVAL_S, type ChargingSession, type SessionsReport } from '../../shared/contracts/sessions.ts';
import type { Driver } from '../drivers/driver.ts';

/** While the same cars are present, the report is repeated this often, plant time: with changed energies, and unchanged. */
const CHANGED_MS = 60_000;
const SAME_MS = 1000 * SESSIONS_INTERVAL_S;

/**
 * Reports charging sessions to the cloud: at once when a car arrives or leaves, one that must not pause begins or ends charging, or the
 * connection is back; else at intervals.
 */
export class SessionReporter {
  readonly #drivers: ReadonlyMap<string, Driver>;
  #sentMs = -Infinity;
  #who = '';
  #what = '';

  constructor(drivers: ReadonlyMap<string, Driver>) {
    this.#drivers = drivers;
  }

  /** Forces the next report, because the cloud may have missed the last one. */
  again(): void {
    this.#sentMs = -Infinity;
  }

  /**
   * The report that is due now; undefined if none is, or if no driver knows sessions. Times are plant time: `now` in ms UTC, and
   * elapsed.
   */
  due(now: number, elapsedMs: number): SessionsReport | undefined {
    const sites: { device: string; sessions: readonly ChargingSession[] }[] = [];
    for (const [device, driver] of this.#drivers) {
      const sessions = driver.sessions?.();
      if (sessions !== undefined) sites.push({ device, sessions: sessions.map(rounded) });
    }
    if (sites.length === 0) return undefined;
    const who = JSON.stringify(sites.map(({ device, sessions }) => [device, ...sessions.map(whoIs)]));
    const what = JSON.stringify(sites);
    const sinceMs = elapsedMs - this.#sentMs;
    if (who === this.#who && sinceMs < (what === this.#what ? SAME_MS : CHANGED_MS)) return undefined;
    this.#sentMs = elapsedMs;
    this.#who = who;
    this.#what = what;
    return {
      version: 1,
      time: Math.round(now),
      sites: sites.map(({ device, sessions }) => ({ device, sessions: [...sessions] })),
    };
  }
}

const whoIs = ({ id, departure, uninterrupted, charging }: ChargingSession): string =>
  `${id} ${departure ?? ''} ${uninterrupted === true ? charging : ''}`;

const hundredth = (value: number): number => Math.round(value * 100) / 100;

const rounded = ({ energyDueKwh, departure, ...session }: ChargingSession): ChargingSession => ({
  ...session,
  ...(energyDueKwh === undefined ? {} : { energyDueKwh: hundredth(energyDueKwh) }),
  ...(departure === undefined ? {} : { departure: Math.round(departure) }),
  maxKw: hundredth(session.maxKw),
  minKw: hundredth(session.minKw),
});
