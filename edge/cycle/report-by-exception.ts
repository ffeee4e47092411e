import type { Frame, FrameValue, Metric } from '../../shared/contracts/frame.ts';
import { doubted, type Sample } from '../../shared/contracts/sample.ts';
import type { Samples } from '../drivers/driver.ts';

export interface ReportSettings {
  readonly deadbandPct: number;
  readonly minIntervalS: number;
  readonly maxIntervalS: number;
  /** The gateway's own clock cannot be trusted; each value is marked. */
  readonly timeUncertain?: boolean;
}

interface Reported {
  readonly value: number;
  readonly atMs: number;
  readonly time: number;
}

/** The dead band of a voltage is a percentage of this width, pu: the statutory band of +-10 %. */
const VOLTAGE_SPAN_PU = 0.2;

/** A power that moved by this many dead bands has jumped, and is reported sooner. */
const JUMP_BANDS = 4;

/**
 * Reports one device by exception: a value goes into a frame when it left its dead band or was not reported for `maxIntervalS`.
 * Frames are at least `minIntervalS` apart; a jump is reported sooner, but jumps are at least `minIntervalS` apart too. Values with
 * the same source time share a frame.
 */
export class ExceptionReporter {
  readonly #device: string;
  readonly #ratedKw: number;
  readonly #last = new Map<Metric, Reported>();
  #lastFrameMs = -Infinity;
  #lastJumpMs = -Infinity;

  constructor(device: string, ratedKw: number) {
    this.#device = device;
    this.#ratedKw = ratedKw;
  }

  /** The frames due at `nowMs` (elapsed plant time), oldest source time first. */
  frames(samples: Samples, nowMs: number, settings: ReportSettings): Frame[] {
    const leastMs = settings.minIntervalS * 1000;
    if (nowMs - this.#lastFrameMs < leastMs) {
      if (nowMs - this.#lastJumpMs < leastMs || !this.#hasJumped(samples, settings)) return [];
      this.#lastJumpMs = nowMs;
    }
    const byTime = new Map<number, FrameValue[]>();
    for (const [metric, sample] of samples) {
      if (!this.#due(metric, sample, { nowMs, settings })) continue;
      this.#last.set(metric, { value: sample.value, atMs: nowMs, time: sample.time });
      const values = byTime.get(sample.time) ?? [];
      const { value, quality, origin } = sample;
      values.push({ metric, value, quality: settings.timeUncertain === true ? doubted(quality) : quality, origin });
      byTime.set(sample.time, values);
    }
    if (byTime.size === 0) return [];
    this.#lastFrameMs = nowMs;
    return [...byTime.entries()]
      .toSorted(([a], [b]) => a - b)
      .map(([time, values]) => ({ device: this.#device, time, values }));
  }

  #due(
    metric: Metric,
    sample: Sample,
    { nowMs, settings }: { readonly nowMs: number; readonly settings: ReportSettings },
  ): boolean {
    const last = this.#last.get(metric);
    if (last === undefined) return true;
    // A device's timestamp may stand still while its values change.
    if (sample.time === last.time && sample.value === last.value) return false;
    if (nowMs - last.atMs >= settings.maxIntervalS * 1000) return true;
    return Math.abs(sample.value - last.value) > (settings.deadbandPct / 100) * this.#span(metric, last.value);
  }

  #hasJumped(samples: Samples, { deadbandPct }: ReportSettings): boolean {
    const [now, last] = [samples.get('activePowerKw'), this.#last.get('activePowerKw')];
    if (now === undefined || last === undefined) return false;
    return Math.abs(now.value - last.value) > (JUMP_BANDS * deadbandPct * this.#ratedKw) / 100;
  }

  #span(metric: Metric, last: number): number {
    switch (metric) {
      case 'activePowerKw':
      case 'reactivePowerKvar':
      case 'activePowerSetpointKw':
      case 'activePowerLimitKw':
      case 'reactivePowerSetpointKvar':
      case 'availableKw':
      case 'wishedKw':
        return this.#ratedKw;
      case 'voltagePu':
      case 'voltageTargetPu':
        return VOLTAGE_SPAN_PU;
      case 'socPct':
        return 100;
      case 'tapPosition':
      case 'capacitorStep':
      case 'sessions':
      case 'deadlineMs':
      case 'closed':
        return 0;
      default:
        return Math.max(Math.abs(last), 1);
    }
  }
}
