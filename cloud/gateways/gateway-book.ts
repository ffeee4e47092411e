import type { HealthReport } from '../../shared/contracts/report.ts';
import type { ChargingSession, SessionsReport } from '../../shared/contracts/sessions.ts';
import type { LinkView } from '../../shared/contracts/view.ts';

/** A gateway's last health report, with its time of receipt: plant time, ms UTC, and `elapsed` machine time, ms. */
export interface Heard {
  readonly report: HealthReport;
  readonly receivedAt: number;
  readonly heardMs: number;
}

interface Entry {
  state: LinkView['state'];
  since: number | null;
  lastFrame: number | null;
  sessions: SessionsReport | undefined;
  health: Heard | undefined;
}

/** State of the gateways' links and health; plant time unless stated otherwise. */
export class GatewayBook {
  readonly #entries = new Map<string, Entry>();

  born(gateway: string, at: number): void {
    this.#set(gateway, 'up', at);
  }

  died(gateway: string, at: number): void {
    this.#set(gateway, 'down', at);
  }

  /** Records a live frame by its source time; a late one does not reduce the freshness. */
  frame(gateway: string, time: number): void {
    const entry = this.#entry(gateway);
    entry.lastFrame = Math.max(entry.lastFrame ?? 0, time);
  }

  reported(gateway: string, heard: Heard): void {
    this.#entry(gateway).health = heard;
  }

  charging(gateway: string, report: SessionsReport): void {
    this.#entry(gateway).sessions = report;
  }

  /** The charging sessions last reported by a site. Undefined: never reported. */
  sessions(gateway: string, device: string): { time: number; sessions: readonly ChargingSession[] } | undefined {
    const report = this.#entry(gateway).sessions;
    const site = report?.sites.find((one) => one.device === device);
    return site === undefined ? undefined : { time: report!.time, sessions: site.sessions };
  }

  link(gateway: string): LinkView {
    const { state, since, lastFrame } = this.#entry(gateway);
    return { state, since, lastFrame };
  }

  /** Gateways whose link counts as up but that have not been heard since. */
  upAndUnheard(since: number): string[] {
    const wasHeard = ({ since: at, health }: Entry): boolean => Math.max(at ?? 0, health?.receivedAt ?? 0) >= since;
    return [...this.#entries].filter(([, entry]) => entry.state === 'up' && !wasHeard(entry)).map(([id]) => id);
  }

  health(gateway: string): Entry['health'] {
    return this.#entry(gateway).health;
  }

  #set(gateway: string, state: LinkView['state'], at: number): void {
    const entry = this.#entry(gateway);
    if (entry.state === state) return;
    entry.state = state;
    entry.since = at;
  }

  #entry(gateway: string): Entry {
    let entry = this.#entries.get(gateway);
    if (entry === undefined) {
      entry = { state: 'never', since: null, lastFrame: null, sessions: undefined, health: undefined };
      this.#entries.set(gateway, entry);
    }
    return entry;
  }
}
