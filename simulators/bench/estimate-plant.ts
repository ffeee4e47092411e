import type { Sample } from '../../shared/contracts/sample.ts';
import type { Metric } from '../../shared/contracts/frame.ts';
import type { Readings } from '../../cloud/estimate/estimate.ts';
import { Plant } from '../plant/plant.ts';
import type { Differences, MeterFault, PlantSpec } from '../plant/spec.ts';

export interface Watched {
  readonly spec: PlantSpec;
  readonly seed: number;
  readonly startMs: number;
  readonly differs: Differences;
  readonly faults?: Readonly<Record<string, MeterFault>>;
}

export interface Minute {
  /** The newest value of each measurement that has reached the cloud. */
  readonly readings: Readings;
  readonly timeMs: number;
  /** Voltage by bus id, for scoring only. */
  readonly truth: () => ReadonlyMap<string, number>;
}

const STEP_S = 60;
const WARM_UP = { hours: 24, stepS: 900 };

/** A plant read every minute through its meter plan: each meter at its own interval, with its errors, gaps and faults. */
export function* minutes({ spec, seed, startMs, differs, faults = {} }: Watched): Generator<Minute, never> {
  const plant = new Plant(
    { ...spec, meterFaults: faults },
    { seed, differs, startMs: startMs - WARM_UP.hours * 3_600_000 },
  );
  while (plant.timeMs < startMs) plant.step(WARM_UP.stepS);
  const intervalOf = new Map(spec.meters.map(({ device, intervalS }) => [device, intervalS]));
  const readings = new Map<string, Partial<Record<Metric, Sample>>>();
  for (let minute = 0; ; minute++) {
    plant.step(STEP_S);
    const { timeMs } = plant;
    for (const { device, values } of plant.archive(timeMs)) {
      const every = Math.max(1, Math.round((intervalOf.get(device) ?? STEP_S) / STEP_S));
      if (minute % every !== 0) continue;
      const own: Partial<Record<Metric, Sample>> = {};
      for (const [metric, value] of Object.entries(values) as [Metric, number][])
        own[metric] = { value, quality: 'good', origin: 'measured', time: timeMs };
      readings.set(device, own);
    }
    const truth = (): ReadonlyMap<string, number> => {
      const { busIds, voltagePu } = plant.truth();
      return new Map(busIds.map((id, at) => [id, voltagePu[at]!]));
    };
    yield { readings, timeMs, truth };
  }
}
