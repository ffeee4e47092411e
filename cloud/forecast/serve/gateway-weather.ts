import type { WeatherBody } from '../../../shared/contracts/document.ts';
import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import { HISTORY_DAYS } from '../../../shared/forecast/features.ts';
import type { Clock, Timer } from '../../../shared/time/clock.ts';
import { every } from '../../../shared/time/every.ts';
import { turnByTurn } from '../../compute/side-by-side.ts';
import type { Means, WeatherSource } from './inputs.ts';

export interface GatewayWeatherOptions {
  readonly clock: Clock;
  readonly weather: WeatherSource | undefined;
  readonly substations: readonly Pick<RegionSubstation, 'id' | 'gateway'>[];
  /** When the weather was issued that a gateway held at its birth, plant time, 0 for none; undefined: it takes none. */
  readonly held: (gateway: string) => number | undefined;
  readonly isUp: (gateway: string) => boolean;
  /** When weather was last issued to a gateway, plant time. */
  readonly sentAt: (gateway: string) => Promise<number | undefined>;
  readonly send: (gateway: string, body: WeatherBody) => Promise<unknown>;
  /** Sends what was last sent once more, under the same number. */
  readonly again: (gateway: string) => Promise<void>;
}

type Place = GatewayWeatherOptions['substations'][number];

const HOUR_MS = 3_600_000;
const STEP_S = 900;
const STEPS_AN_HOUR = 4;
/** A row of a gateway's model reads this far back, and its horizon is a day. Another day ahead is for a cloud that is away. */
const BEFORE_HOURS = (HISTORY_DAYS + 1) * 24;
const AHEAD_HOURS = 48;
/** Newer weather is sent at most this often. */
const LEAST_MS = 6 * HOUR_MS;

/**
 * Sends gateways the temperature at their substations, for their own forecasts: at a birth that shows that one lacks it, and when newer
 * weather has come. Nothing is sent where no temperature is known, or to a gateway that does not take it.
 */
export class GatewayWeather {
  readonly #options: GatewayWeatherOptions;
  /** Issue of the weather last sent to each gateway. */
  readonly #vintages = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(options: GatewayWeatherOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = every(this.#options.clock.plant, HOUR_MS, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  async born(gateway: string): Promise<void> {
    const { held, substations } = this.#options;
    const substation = substations.find((each) => each.gateway === gateway);
    const heldAt = held(gateway);
    if (substation !== undefined && heldAt !== undefined) await this.#tell(substation, heldAt);
  }

  /** Looks for newer weather, gateway by gateway, with other work in between. */
  async #look(): Promise<void> {
    const { held, isUp, substations } = this.#options;
    await turnByTurn(substations, async (substation) => {
      const { gateway } = substation;
      if (isUp(gateway) && held(gateway) !== undefined) await this.#tell(substation);
    });
  }

  /** `heldAt`: what a gateway held at its birth just now; absent: it is not known whether it lacks what was last sent. */
  async #tell(substation: Place, heldAt?: number): Promise<void> {
    const { clock, sentAt, send, again } = this.#options;
    const { gateway } = substation;
    const now = clock.plant.now();
    const last = await sentAt(gateway);
    // Weather of the future is from a clock that has been set back since: no gateway takes it.
    const isHere = last !== undefined && last <= now;
    const newer = isHere && now - last < LEAST_MS ? undefined : await this.#newer(substation, now, isHere);
    if (newer !== undefined) await send(gateway, newer);
    else if (isHere && heldAt !== undefined && heldAt < last) await again(gateway);
  }

  /** Undefined: there is no temperature, or it is that of the weather sent before. */
  async #newer({ id, gateway }: Place, now: number, wasSent: boolean): Promise<WeatherBody | undefined> {
    const hour = now - (now % HOUR_MS);
    const start = hour - BEFORE_HOURS * HOUR_MS;
    const known = await this.#options.weather?.intervals({
      target: `substation:${id}`,
      start,
      end: hour + AHEAD_HOURS * HOUR_MS,
      resolutionS: STEP_S,
      origin: now - (now % (STEP_S * 1000)),
    });
    if (!known?.temperature || (wasSent && this.#vintages.get(gateway) === known.issuedAt)) return undefined;
    const temperatureC = hoursOf(known.temperature);
    if (temperatureC.every((value) => value === null)) return undefined;
    this.#vintages.set(gateway, known.issuedAt);
    return { start, stepS: 3600, temperatureC };
  }
}

/** Means of hours, to a tenth of a degree; null where nothing is known or no weather can be so. */
const hoursOf = (values: Means): (number | null)[] =>
  Array.from({ length: Math.floor(values.length / STEPS_AN_HOUR) }, (_, hour) => {
    const quarters = Array.from({ length: STEPS_AN_HOUR }, (_, i) => values[hour * STEPS_AN_HOUR + i] ?? Number.NaN);
    const known = quarters.filter((value) => value >= -90 && value <= 70);
    if (known.length === 0) return null;
    return Math.round((10 * known.reduce((sum, value) => sum + value, 0)) / known.length) / 10;
  });
