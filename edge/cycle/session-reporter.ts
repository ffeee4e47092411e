import { SESSIONS_INTERVAL_S, type ChargingSession, type SessionsReport } from '../../shared/contracts/sessions.ts';
import type { Driver } from '../drivers/driver.ts';

/** While the same cars stand there it is told again this often, plant time: changed energies, and the same ones. */
const CHANGED_MS = 60_000;
const SAME_MS = 1000 * SESSIONS_INTERVAL_S;

/** Tells the cloud who charges: at once when somebody comes or leaves or the line is back, else by and by. */
export class SessionReporter {
  readonly #drivers: ReadonlyMap<string, Driver>;
  #sentMs = -Infinity;
  #who = '';
  #what = '';

  constructor(drivers: ReadonlyMap<string, Driver>) {
    this.#drivers = drivers;
  }

  /** The cloud may have missed or lost the last report. */
  again(): void {
    this.#sentMs = -Infinity;
  }

  /** What is to be told now; undefined where nothing is, or no driver knows sessions. Times are plant time, ms UTC and elapsed. */
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

const whoIs = ({ id, departure }: ChargingSession): string => `${id} ${departure ?? ''}`;

const hundredth = (value: number): number => Math.round(value * 100) / 100;

const rounded = ({ energyDueKwh, departure, ...session }: ChargingSession): ChargingSession => ({
  id: session.id,
  ...(energyDueKwh === undefined ? {} : { energyDueKwh: hundredth(energyDueKwh) }),
  ...(departure === undefined ? {} : { departure: Math.round(departure) }),
  maxKw: hundredth(session.maxKw),
  minKw: hundredth(session.minKw),
});
