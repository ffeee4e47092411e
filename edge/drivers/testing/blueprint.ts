import type { Metric } from '../../../shared/contracts/frame.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { setpointKeys, type Setpoint, type SetpointKey } from '../../control/setpoint.ts';
import type { Driver, DriverCounters, Sample, Samples, WireSpans } from '../driver.ts';
import { plausible } from '../plausible.ts';
import { SetpointWriter } from '../setpoint-writer.ts';
import { turn, type Sign } from '../sign.ts';
import type { WriteTiming } from '../setpoint-writer.ts';

/** The far end of the blueprint: a device in memory. Put the protocol's connection here. */
export interface Wire {
  onReport: (metric: Metric, raw: unknown, timeMs: number) => void;
  command(key: SetpointKey, value: number): boolean;
}

/** The smallest driver that passes the suite: copy it and replace the wire. */
export class BlueprintDriver implements Driver {
  readonly #clock: Clock;
  readonly #wire: Wire;
  readonly #sign: Sign;
  readonly #samples = new Map<Metric, Sample>();
  readonly #writers = new Map<SetpointKey, SetpointWriter>();
  #counters = { refused: 0, lastRefusal: null as string | null, sent: 0, unsent: 0 };

  constructor(options: {
    clock: Clock;
    wire: Wire;
    sign: Sign;
    ratedKw: number;
    spans: WireSpans;
    timing: WriteTiming;
  }) {
    this.#clock = options.clock;
    this.#wire = options.wire;
    this.#sign = options.sign;
    for (const key of setpointKeys) {
      const span = options.spans[key];
      if (span !== undefined) this.#writers.set(key, new SetpointWriter(options.timing, span, options.ratedKw));
    }
    this.#wire.onReport = (metric, raw, timeMs) => {
      const value = typeof raw === 'number' ? turn(this.#sign, metric, raw) : Number.NaN;
      const span = plausible(metric, options.ratedKw);
      if (!(value >= span.min && value <= span.max)) return this.#refuse(`${metric} ${String(raw)}`);
      if (timeMs < (this.#samples.get(metric)?.sourceTime ?? 0)) return this.#refuse(`${metric} is older`);
      const receivedMs = this.#clock.plant.elapsed();
      this.#samples.set(metric, { value, sourceTime: timeMs, receivedMs, timeUncertain: false });
    };
  }

  read(): Samples {
    return this.#samples;
  }

  counters(): DriverCounters {
    return this.#counters;
  }

  async hold(setpoint: Setpoint, urgent: boolean): Promise<void> {
    const nowMs = this.#clock.plant.elapsed();
    for (const [key, timing] of this.#writers) {
      const value = setpoint[key];
      if (value === undefined) timing.release();
      else if (!timing.allowed(value)) this.#refuse(`${key} ${value}`);
      else if (timing.due(value, nowMs, urgent)) {
        timing.sent(value, nowMs);
        if (this.#wire.command(key, turn(this.#sign, key, value))) this.#counters.sent++;
        else this.#counters.unsent++;
      }
    }
  }

  #refuse(why: string): void {
    this.#counters.refused++;
    this.#counters.lastRefusal = why;
  }
}
