import { metrics, type Metric } from '../../shared/contracts/frame.ts';
import { fnv1a, gaussian, type Random } from '../../shared/ports/random.ts';
import { between } from './chance.ts';
import type { Values } from './device.ts';
import type { GrossFault, MeterFault, PlantSpec } from './spec.ts';

/** One reading as it leaves a meter. */
export interface Reading {
  readonly device: string;
  /** Source time, ms UTC. */
  readonly timeMs: number;
  /** Arrival time at the gateway. */
  readonly dueMs: number;
  readonly values: Values;
}

interface State {
  readonly waiting: readonly Reading[];
}

interface Point {
  readonly device: string;
  readonly kind: 'guarded' | 'terminal' | 'station' | 'weather';
  readonly errorPct: number;
  readonly intervalS: number;
  /** Offset that spreads readings over the interval. */
  readonly phaseS: number;
}

const MISSING_SHARE = 0.01;
const LATE = { terminalShare: 0.1, terminalS: [1, 2], stationS: [5, 60] } as const;
const DEVICE_INTERVAL_S = 10;
export const WEATHER_DEVICE = 'weather';
/** Metrics that carry a meter error; the others are values that a device reports about itself. */
const noisy: ReadonlySet<string> = new Set<Metric>([
  'activePowerKw',
  'reactivePowerKvar',
  'voltagePu',
  'currentA',
  'availableKw',
]);
const metricNames = Object.keys(metrics) as Metric[];

/**
 * The meter plan at work: each meter reads at its own interval with its own error. Readings may be late or missing, and a meter may be
 * broken.
 */
export class Meters {
  readonly #spec: PlantSpec;
  readonly #points: readonly Point[];
  #waiting: Reading[] = [];
  #due: readonly Reading[] = [];

  constructor(spec: PlantSpec, silent: ReadonlySet<string>) {
    this.#spec = spec;
    const metered = new Set(spec.meters.map(({ device }) => device));
    const planned = spec.meters.map((meter): Omit<Point, 'phaseS'> => ({
      device: meter.device,
      kind: meter.kind === 'terminal' || meter.kind === 'station' ? meter.kind : 'guarded',
      errorPct: meter.errorPct,
      intervalS: meter.intervalS,
    }));
    const others = spec.devices
      .filter(({ id }) => !metered.has(id))
      .map(({ id }): Omit<Point, 'phaseS'> => ({
        device: id,
        kind: 'terminal',
        errorPct: 0,
        intervalS: DEVICE_INTERVAL_S,
      }));
    const weather: Omit<Point, 'phaseS'> = {
      device: WEATHER_DEVICE,
      kind: 'weather',
      errorPct: 0,
      intervalS: spec.inputs.stepMs / 1000,
    };
    this.#points = [...planned, ...others, weather]
      .filter(({ device }) => !silent.has(device))
      .map((point) => ({
        ...point,
        phaseS: point.kind === 'weather' ? 0 : fnv1a(`${spec.id}/${point.device}`) % Math.max(1, point.intervalS),
      }));
  }

  /**
   * Runs after a step of `stepS` that ended at `timeMs`. Each meter whose reading time fell inside the step reads once. `observe` returns
   * the true values of a device, or undefined when it cannot be observed.
   */
  step(
    { timeMs, stepS }: { readonly timeMs: number; readonly stepS: number },
    random: Random,
    observe: (device: string) => Values | undefined,
  ): void {
    const second = timeMs / 1000;
    for (const point of this.#points) {
      const moments = (until: number): number => Math.floor((until - point.phaseS) / point.intervalS);
      if (moments(second) === moments(second - stepS)) continue;
      const missing = random.next() < MISSING_SHARE;
      const seen = observe(point.device);
      if (seen === undefined || missing) continue;
      const sourceMs = point.kind === 'weather' ? timeMs - this.#spec.inputs.stepMs : timeMs;
      this.#waiting.push({
        device: point.device,
        timeMs: sourceMs,
        dueMs: timeMs + latenessMs(point, random),
        values: this.#read(point, seen, random),
      });
    }
    this.#due = this.#waiting.filter(({ dueMs }) => dueMs <= timeMs);
    if (this.#due.length > 0) this.#waiting = this.#waiting.filter(({ dueMs }) => dueMs > timeMs);
  }

  /** Readings that reach the gateway in this step. */
  due(): readonly Reading[] {
    return this.#due;
  }

  /** Reads all meters at once, like an archive of interval means; missing readings are left out. */
  readAll(timeMs: number, random: Random, observe: (device: string) => Values | undefined): Reading[] {
    return this.#points.flatMap((point) => {
      const missing = random.next() < MISSING_SHARE;
      const seen = observe(point.device);
      if (seen === undefined || missing) return [];
      return [{ device: point.device, timeMs, dueMs: timeMs, values: this.#read(point, seen, random) }];
    });
  }

  snapshot(): State {
    return { waiting: this.#waiting };
  }

  restore(state: unknown): void {
    this.#waiting = [...(state as State).waiting];
    this.#due = [];
  }

  #read({ device, errorPct }: Point, values: Values, random: Random): Values {
    const fault = this.#spec.meterFaults[device];
    const read: Values = {};
    for (const metric of metricNames) {
      const value = values[metric];
      if (value === undefined) continue;
      const share = metric === 'voltagePu' ? errorPct / 200 : errorPct / 100;
      const shown = errorPct > 0 && noisy.has(metric) ? value * (1 + share * gaussian(random)) : value;
      read[metric] = fault === undefined ? shown : broken(fault, metric, shown);
    }
    return read;
  }
}

function broken(fault: MeterFault, metric: Metric, value: number): number {
  if (typeof fault === 'object') return off(fault, metric, value);
  if (fault === 'fuse') return withoutPhase(metric, value);
  if (metric === 'voltagePu') return value;
  if (fault === 'dead') return 0;
  return metric === 'activePowerKw' || metric === 'reactivePowerKvar' ? -value : value;
}

/** The meter reports the voltage of the worst phase, and a phase without voltage adds no power. */
function withoutPhase(metric: Metric, value: number): number {
  if (metric === 'voltagePu') return 0;
  return metric === 'activePowerKw' || metric === 'reactivePowerKvar' ? (2 / 3) * value : value;
}

function off({ factor = 1, offsetKw = 0, offsetPu = 0 }: GrossFault, metric: Metric, value: number): number {
  switch (metric) {
    case 'voltagePu':
      return value + offsetPu;
    case 'activePowerKw':
      return value * factor + offsetKw;
    case 'reactivePowerKvar':
    case 'currentA':
      return value * factor;
    default:
      return value;
  }
}

function latenessMs({ kind }: Point, random: Random): number {
  switch (kind) {
    case 'guarded':
    case 'weather':
      return 0;
    case 'terminal':
      return random.next() < LATE.terminalShare ? 1000 * between(random, ...LATE.terminalS) : 0;
    case 'station':
      return 1000 * between(random, ...LATE.stationS);
  }
}
