import type { RPCClient } from 'ocpp-rpc';
import type { OcppCall } from '../../../edge/drivers/ocpp/chargers.ts';
import type { TimeBase, Timer } from '../../../shared/time/clock.ts';
import type { EvSite, PluggedCar } from '../../plant/ev-site.ts';
import type { EvSpec } from '../../plant/spec.ts';
import { connectCharger } from './charger-client.ts';
import { SimulatedCharger } from './simulated-charger.ts';

export interface StationsOptions {
  readonly site: EvSite;
  readonly spec: EvSpec;
  /** Endpoint of the site's gateway, ws://host:port. */
  readonly endpoint: string;
  /** Plant time, ms UTC. */
  readonly now: () => number;
  readonly machine: TimeBase;
}

const CONNECTOR = 1;
const CONNECT_AGAIN_MS = 1000;
/** Report interval of the meters, ms of plant time. */
const METER_EACH_MS = 60_000;

/** Identity of each charger of a site, as in its URL. */
export const chargerIds = ({ id, chargers }: Pick<EvSpec, 'id' | 'chargers'>): string[] =>
  Array.from({ length: chargers }, (_, at) => `${id}-${String(at + 1).padStart(2, '0')}`);

/**
 * The chargers of a site as its gateway sees them over OCPP 2.0.1. Each charger stores its profiles and its car follows them; the plant's
 * site draws the sum.
 */
export class ChargingStations {
  readonly #stations: readonly Station[];
  readonly #site: EvSite;

  constructor(options: StationsOptions) {
    this.#site = options.site;
    this.#stations = chargerIds(options.spec).map((id) => new Station(id, options));
    options.site.follow((charger) => this.#stations[charger]!.limitKw);
  }

  start(): void {
    for (const station of this.#stations) station.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stations.map((station) => station.stop()));
  }

  /** Runs after each step of the plant: reports arrivals, departures and meter values. */
  show(): void {
    const cars = new Map(this.#site.cars().map((car) => [car.charger, car]));
    for (const [at, station] of this.#stations.entries()) station.show(cars.get(at));
  }
}

class Station {
  readonly #charger: SimulatedCharger;
  readonly #options: StationsOptions;
  #client: RPCClient | undefined;
  #timer: Timer | undefined;
  #stopped = false;
  #booted = false;
  #busy = false;
  /** Arrival time of the car announced to the gateway. */
  #arrivalMs: number | undefined;
  /** Arrival time of the car whose needs the gateway has. */
  #neededMs: number | undefined;
  /** Transaction events without an answer, oldest first; a charger repeats them until it has one (OCPP 2.0.1, E04). */
  readonly #unanswered: OcppCall[] = [];
  #meteredMs = -Infinity;

  constructor(id: string, options: StationsOptions) {
    this.#options = options;
    this.#charger = new SimulatedCharger({
      id,
      version: 'ocpp2.0.1',
      maxKw: options.spec.chargerKw,
      now: options.now,
      send: async (call) => {
        if (call.action === 'BootNotification') return this.#client!.call(call.action, call.payload);
        if (call.action !== 'TransactionEvent') return this.#answered(call);
        this.#unanswered.push(call);
        return this.#repeat();
      },
    });
  }

  get limitKw(): number {
    return this.#charger.limitKw(CONNECTOR);
  }

  start(): void {
    void this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#client?.close({ force: true }).catch(() => undefined);
  }

  show(car: PluggedCar | undefined): void {
    if (car !== undefined && car.arrivalMs === this.#arrivalMs) this.#charger.shows(CONNECTOR, car);
    if (this.#busy || this.#client === undefined || this.#stopped) return;
    this.#busy = true;
    void this.#tell(car);
  }

  /** Sends one message at a time, as a charger does; messages without a gateway wait for one. */
  async #tell(car: PluggedCar | undefined): Promise<void> {
    try {
      if (!this.#booted) await this.#charger.boot();
      this.#booted = true;
      await this.#repeat();
      if (this.#arrivalMs !== undefined && car?.arrivalMs !== this.#arrivalMs) {
        this.#arrivalMs = undefined;
        await this.#charger.unplug(CONNECTOR);
      } else if (car !== undefined && this.#neededMs !== car.arrivalMs) {
        if (this.#arrivalMs === undefined) {
          this.#arrivalMs = car.arrivalMs;
          await this.#charger.plug(CONNECTOR, car.wishKw);
        }
        await this.#charger.needs(CONNECTOR, car);
        this.#neededMs = car.arrivalMs;
      } else if (car !== undefined && this.#options.now() - this.#meteredMs >= METER_EACH_MS) {
        this.#meteredMs = this.#options.now();
        await this.#charger.meter();
      }
    } catch {
      // The connection broke, or the gateway did not answer in time: what is unanswered is sent again.
    } finally {
      this.#busy = false;
    }
  }

  /** Sends the transaction events that have no answer. */
  async #repeat(): Promise<void> {
    for (let call = this.#unanswered[0]; call !== undefined; call = this.#unanswered[0]) {
      await this.#answered(call);
      this.#unanswered.shift();
    }
  }

  /** Resolves with the answer to a call; a refusal is an answer too. */
  async #answered({ action, payload }: OcppCall): Promise<void> {
    await this.#client!.call(action, payload).catch((error: unknown) => {
      if (!(error instanceof Error && 'rpcErrorCode' in error)) throw error;
    });
  }

  async #connect(): Promise<void> {
    if (this.#stopped) return;
    try {
      const client = await connectCharger(this.#charger, { endpoint: this.#options.endpoint });
      client.on('open', () => (this.#booted = false));
      this.#client = client;
      if (this.#stopped) await this.stop();
    } catch {
      this.#timer = this.#options.machine.after(CONNECT_AGAIN_MS, () => this.#connect());
    }
  }
}
