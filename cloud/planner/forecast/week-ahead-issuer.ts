import type { ForecastTarget } from '../../forecast/registry/forecast-target.ts';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { Clock, Timer } from '../../../shared/time/clock.ts';
import { every } from '../../../shared/time/every.ts';
import { weekIdOf, type ForecastStore } from '../../forecast/serve/forecast-store.ts';
import { isRemainder } from '../../forecast/serve/sums/remainder.ts';
import { toWeekAhead, type WeekAheadParts } from './week-ahead-forecast.ts';

export interface IssuedWeekParts extends WeekAheadParts {
  readonly clock: Clock;
  readonly store: Pick<ForecastStore, 'put' | 'get' | 'newestWeekAhead'>;
}

/**
 * The week ahead of an issued forecast: one for each, stored beside it with its own time of issue. Later calls return the first. A
 * remainder has none.
 */
export async function issuedWeekAhead(
  parts: IssuedWeekParts,
  target: ForecastTarget,
  near: Forecast,
): Promise<Forecast> {
  const id = weekIdOf(near.id);
  const stored = await parts.store.get(id);
  if (stored !== undefined) return stored;
  const made = await toWeekAhead(parts, near, { target, asOf: near.issuedAt, weather: 'vintage' });
  await parts.store.put([{ ...made, id, issuedAt: parts.clock.plant.now() }]);
  return (await parts.store.get(id))!;
}

export interface WeekAheadIssuerParts extends IssuedWeekParts {
  readonly targets: readonly ForecastTarget[];
  newest(target: string): Forecast | undefined;
  onFailure(error: unknown): void;
}

const LOOK_MS = 900_000;
const DAY_MS = 86_400_000;
/** Each target has had its turn within this many looks, half a day. */
const TURN_LOOKS = 48;

/**
 * Issues the week ahead of each target once a day of plant time (UTC), from midnight on a few targets per quarter of an hour, because a fit
 * takes a second or two of a core. So there is always one to score and to read.
 */
export class WeekAheadIssuer {
  readonly #parts: WeekAheadIssuerParts;
  #timer: Timer | undefined;
  #turn: Promise<void> = Promise.resolve();
  #stopping = false;
  /** Index of the target that follows the last one tried. */
  #from = 0;

  constructor(parts: WeekAheadIssuerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = every(this.#parts.clock.plant, LOOK_MS, () => {
      this.#turn = this.look();
      return this.#turn;
    });
  }

  /** Waits for the look in progress. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    // A failed look has been reported already.
    await this.#turn.catch(() => undefined);
  }

  /** Issues for the next targets without one today. A failed target is retried after the others. */
  async look(): Promise<void> {
    const { clock, targets, store } = this.#parts;
    const now = clock.plant.now();
    const today = now - (now % DAY_MS);
    let left = Math.ceil(targets.length / TURN_LOOKS);
    const order = [...targets.entries()];
    for (const [index, target] of [...order.slice(this.#from), ...order.slice(0, this.#from)]) {
      if (left === 0 || this.#stopping) return;
      const near = this.#parts.newest(target.id);
      if (near === undefined || near.issuedAt < today || isRemainder(near)) continue;
      if ((await store.newestWeekAhead(target.id, today, now)) !== undefined) continue;
      left--;
      this.#from = index + 1;
      try {
        await issuedWeekAhead(this.#parts, target, near);
      } catch (error) {
        this.#parts.onFailure(error);
      }
    }
  }
}
