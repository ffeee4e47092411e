import { SimulatedCharger, type ChargerOptions } from '../../../../simulators/faces/chargers/simulated-charger.ts';
import { bad, good, type Outcome } from '../../../../shared/outcome/outcome.ts';
import type { ChargerHandlers, ChargerLink, OpenChargers } from '../chargers.ts';

/** Simulated chargers that reach the driver without a network. */
export class MemoryChargers {
  #handlers: ChargerHandlers | undefined;
  readonly #links = new Map<string, ChargerLink>();
  /** Session limits in order of arrival, kW. */
  readonly limits: { charger: string; kw: number }[] = [];
  /** Delays the answers on connections made from now on; undefined: no delay. */
  pause: (() => Promise<void>) | undefined;

  readonly open: OpenChargers = (_site, handlers) => {
    this.#handlers = handlers;
    return { close: async () => undefined };
  };

  charger(options: Omit<ChargerOptions, 'send'>): SimulatedCharger {
    const made = new SimulatedCharger({
      ...options,
      send: async (call) => {
        const link = this.#links.get(options.id);
        if (link === undefined) return undefined;
        const answer = this.#handlers!.onCall(options.id, link, JSON.parse(JSON.stringify(call)) as typeof call);
        return answer.ok ? answer.value : undefined;
      },
    });
    return made;
  }

  connect(charger: SimulatedCharger): void {
    const { id, version } = charger.options;
    const { pause } = this;
    const link: ChargerLink = {
      version,
      call: async (action, payload) => {
        await pause?.();
        const answer = charger.answer({ action, payload });
        const profile = charger.profiles.at(-1);
        const taken = action === 'SetChargingProfile' && charger.fate !== 'refuses' && charger.fate !== 'mute';
        if (taken && profile?.purpose === 'TxProfile') this.limits.push({ charger: id, kw: profile.limitKw });
        if (answer === undefined) return bad('LS-DEVICE-001', `no answer to ${action} within 10 s`);
        return good(answer);
      },
      close: () => {
        if (this.#links.get(id) === link) this.disconnect(charger);
      },
    };
    this.#links.set(id, link);
    this.#handlers!.onConnect(id, link);
  }

  disconnect(charger: SimulatedCharger): void {
    const link = this.#links.get(charger.options.id);
    this.#links.delete(charger.options.id);
    if (link !== undefined) this.#handlers!.onClose(charger.options.id, link);
  }

  /** Sends any message of a charger. */
  says(charger: SimulatedCharger, action: string, payload: unknown): boolean {
    return this.asks(charger, action, payload).ok;
  }

  asks(charger: SimulatedCharger, action: string, payload: unknown): Outcome<unknown> {
    const link = this.#links.get(charger.options.id)!;
    return this.#handlers!.onCall(charger.options.id, link, { action, payload });
  }
}
