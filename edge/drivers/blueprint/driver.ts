import { metrics, type Metric } from '../../../shared/contracts/frame.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { setpointKeys, type Setpoint, type SetpointKey } from '../../control/setpoint.ts';
import {
  measured,
  type Driver,
  type DriverCounters,
  type ReadSample,
  type Samples,
  type WireSpans,
} from '../driver.ts';
import { plausible } from '../plausible.ts';
import { holdDue, SetpointWriter } from '../setpoint-writer.ts';
import { turn, type Sign } from '../sign.ts';
import type { TopicBus } from '../topic-bus.ts';
import type { BlueprintRead, BlueprintWrites } from './schema.ts';

interface BlueprintOptions {
  readonly topic: string;
  readonly sign: Sign;
  readonly ratedKw: number;
  readonly spans: WireSpans;
  readonly read: BlueprintRead | undefined;
  readonly write: BlueprintWrites | undefined;
  readonly bus: TopicBus;
  readonly clock: Clock;
}

const LONGEST_NUMBER = 40;

/** A device that publishes and takes plain numbers, each on its own topic. */
export class BlueprintDriver implements Driver {
  readonly #options: BlueprintOptions;
  readonly #samples = new Map<Metric, ReadSample>();
  readonly #writers = new Map<SetpointKey, { readonly timing: SetpointWriter }>();
  #counters = { refused: 0, lastRefusal: null as string | null, sent: 0, unsent: 0 };

  constructor(options: BlueprintOptions) {
    this.#options = options;
    const { topic, ratedKw, spans, read, write, bus } = options;
    for (const metric of Object.keys(metrics) as Metric[]) {
      const signal = read?.[metric];
      if (signal !== undefined)
        bus.on(`${topic}/${metric}`, (payload) => this.#take(metric, signal.scale * numberIn(payload)));
    }
    for (const key of setpointKeys) {
      const [timing, span] = [write?.[key], spans[key]];
      if (timing !== undefined && span !== undefined)
        this.#writers.set(key, { timing: new SetpointWriter(timing, span, ratedKw) });
    }
  }

  read(): Samples {
    return this.#samples;
  }

  counters(): DriverCounters {
    return this.#counters;
  }

  hold(setpoint: Setpoint, urgent: boolean): Promise<void> {
    const { topic, sign, bus, clock } = this.#options;
    const nowMs = clock.plant.elapsed();
    return holdDue(this.#writers, setpoint, {
      nowMs,
      urgent,
      refuse: (why) => this.#refuse(why),
      send: async (key, value, { timing }) => {
        timing.sent(value, nowMs);
        if (await bus.publish(`${topic}/${key}/set`, String(turn(sign, key, value)))) this.#counters.sent++;
        else {
          this.#counters.unsent++;
          timing.failed(nowMs);
        }
      },
    });
  }

  #take(metric: Metric, raw: number): void {
    const { sign, ratedKw, clock } = this.#options;
    const value = turn(sign, metric, raw);
    const { min, max } = plausible(metric, ratedKw);
    if (!(value >= min && value <= max)) return this.#refuse(`${metric} ${raw} is outside ${min} to ${max}`);
    const at = { ms: Math.round(clock.plant.now()), uncertain: false };
    this.#samples.set(metric, measured(value, at, clock.plant.elapsed()));
  }

  #refuse(why: string): void {
    this.#counters.refused++;
    this.#counters.lastRefusal = why;
  }
}

/** NaN if the payload is not a number. */
function numberIn(payload: Uint8Array): number {
  if (payload.byteLength > LONGEST_NUMBER) return Number.NaN;
  const text = new TextDecoder().decode(payload).trim();
  return text === '' ? Number.NaN : Number(text);
}
