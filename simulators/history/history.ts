import type { Metric } from '../../shared/contracts/frame.ts';
import type { Point } from '../../cloud/telemetry/store.ts';
import { WEATHER_DEVICE, type Reading } from '../plant/meters.ts';
import { Plant } from '../plant/plant.ts';
import type { PlantSpec } from '../plant/spec.ts';
import { gatewayOf } from '../data/names.ts';

export interface HistoryOptions {
  readonly seed: number;
  /** Whole days in UTC; default: eight weeks from 2021-07-31. */
  readonly startMs?: number;
  readonly endMs?: number;
  /** Days per batch; default 3: about 6,000 points. */
  readonly daysPerBatch?: number;
}

/** One gateway's points over a few days, by series in time order. */
export interface HistoryBatch {
  readonly gateway: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly points: readonly Point[];
}

export const historyStartMs = Date.UTC(2021, 6, 31);
export const historyEndMs = Date.UTC(2021, 8, 25);

const STEP_S = 900;
const DAY_MS = 86_400_000;
/** Two hours before the first interval, in which the tap changers settle. */
const WARM_UP_STEPS = 8;

const recordedMetrics: Readonly<Record<string, readonly Metric[]>> = {
  transformer: ['activePowerKw', 'reactivePowerKvar', 'voltagePu'],
  feeder: ['activePowerKw', 'reactivePowerKvar'],
  device: ['activePowerKw'],
  [WEATHER_DEVICE]: ['radiationWm2', 'windSpeedMs', 'temperatureC'],
};

/**
 * Meter records before the start, as 15-min means labelled by the start of their interval: transformer (as metered: WLS zero, HFDP
 * reversed), feeder heads, uncontrolled devices, weather. Gaps of the record stay gaps. The same seed gives the same points.
 */
export async function* history(specs: readonly PlantSpec[], options: HistoryOptions): AsyncGenerator<HistoryBatch> {
  const { seed, startMs = historyStartMs, endMs = historyEndMs, daysPerBatch = 3 } = options;
  const runs = specs.map((spec) => ({ spec, plant: settled(spec, seed, startMs), offset: 0 }));
  for (let from = startMs; from < endMs; from += daysPerBatch * DAY_MS) {
    const to = Math.min(endMs, from + daysPerBatch * DAY_MS);
    for (const run of runs) {
      const { points, offset } = record(run, to);
      run.offset = offset;
      yield { gateway: gatewayOf(run.spec.id), startMs: from, endMs: to, points };
    }
  }
}

function settled(spec: PlantSpec, seed: number, startMs: number): Plant {
  const before = new Plant(spec, { seed, startMs: startMs - WARM_UP_STEPS * STEP_S * 1000 });
  for (let step = 0; step < WARM_UP_STEPS; step++) before.step(STEP_S);
  return before;
}

function record(
  { spec, plant, offset }: { readonly spec: PlantSpec; readonly plant: Plant; readonly offset: number },
  toMs: number,
): { points: Point[]; offset: number } {
  const gateway = gatewayOf(spec.id);
  const bySeries = new Map<string, Point[]>();
  let next = offset;
  while (plant.timeMs < toMs) {
    const intervalMs = plant.timeMs;
    plant.step(STEP_S);
    for (const reading of plant.archive(intervalMs)) {
      if (lostAt(spec, reading)) continue;
      for (const metric of recordedMetrics[kindOf(reading.device)] ?? []) {
        const value = reading.values[metric];
        if (value === undefined) continue;
        const key = `${reading.device}/${metric}`;
        const list = bySeries.get(key) ?? [];
        list.push({
          series: { gateway, device: reading.device, metric },
          time: intervalMs,
          offset: next,
          value,
          quality: 'good',
          origin: 'measured',
        });
        bySeries.set(key, list);
      }
      next++;
    }
  }
  return { points: [...bySeries.values()].flat(), offset: next };
}

/** The transformer's record has gaps of its own. */
function lostAt({ inputs }: PlantSpec, { device, timeMs }: Reading): boolean {
  return device === 'transformer' && inputs.gap[(timeMs - inputs.startMs) / inputs.stepMs] === 1;
}

function kindOf(device: string): string {
  if (device === 'transformer' || device === WEATHER_DEVICE) return device;
  if (device.startsWith('feeder-')) return 'feeder';
  return device.startsWith('station-') || device.startsWith('tap-') ? 'none' : 'device';
}
