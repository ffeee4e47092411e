import { compileEstimate } from '../../cloud/estimate/estimate.ts';
import { judgeLive, startLive } from '../../cloud/estimate/meter-live.ts';
import type { MeterFinding } from '../../cloud/estimate/state.ts';
import { exchanged, exchangesOf } from '../../cloud/estimate/topologies.ts';
import { findingsOf, startWatch, watch } from '../../cloud/estimate/watch.ts';
import type { RegionSubstation } from '../../shared/contracts/region.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import type { Differences, MeterFault, PlantSpec } from '../plant/spec.ts';
import { minutes } from './estimate-plant.ts';

/** One fault of a plant, and the device (or line) by which a finding names it. */
export interface Fault {
  readonly kind: 'dead' | 'reversed' | 'gross' | 'tie' | 'none';
  readonly device: string;
  readonly meter?: MeterFault;
  readonly exchange?: { readonly open: string; readonly close: string };
}

export interface Trial {
  readonly fault: Fault;
  /** Hours until the finding; undefined if not found in time. */
  readonly hours: number | undefined;
  /** Sound meters and switches that were reported faulty meanwhile. */
  readonly others: readonly string[];
  /** Hours watched, until the finding or the end. */
  readonly watchedHours: number;
}

/** Devices that idle without commands: a faulty meter there reads zero, like a sound one. */
const resting = ['battery', 'flex', 'bank'];

/** Only meters that have something to read take part in a trial. */
const metered = (substation: RegionSubstation): string[] =>
  substation.meters.filter(({ kind }) => kind !== 'station').map(({ device }) => device);

/** Draws a random fault for a substation. */
export function drawFault(substation: RegionSubstation, kind: Fault['kind'], seed: number): Fault {
  const random = new SeededRandom(seed, `bench/${kind}`);
  const one = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)]!;
  const power = metered(substation).filter((device) => !resting.some((type) => device.startsWith(type)));
  const guarded = power.filter((device) => device === 'transformer' || device.startsWith('feeder'));
  switch (kind) {
    case 'none':
      return { kind, device: '' };
    case 'dead':
      return { kind, device: one(guarded), meter: 'dead' };
    case 'reversed':
      return { kind, device: one(power), meter: 'reversed' };
    case 'gross': {
      if (random.next() < 0.5) {
        const offsetPu = (random.next() < 0.5 ? -1 : 1) * (0.02 + 0.03 * random.next());
        return { kind, device: one(metered(substation)), meter: { offsetPu } };
      }
      return { kind, device: one(power), meter: { factor: one([0.4, 0.5, 0.6, 1.6, 2, 2.5]) } };
    }
    case 'tie': {
      const exchange = one(exchangesOf(compileEstimate(substation)));
      return { kind, device: exchange.close, exchange };
    }
  }
}

/** Runs a plant with a fault from the first minute and detects it as the cloud does. */
export function trial(
  substation: RegionSubstation,
  {
    spec,
    fault,
    hours,
    ...plant
  }: { spec: PlantSpec; fault: Fault; hours: number; seed: number; startMs: number; differs: Differences },
): Trial {
  const model = compileEstimate(substation);
  let believed = model;
  let live = startLive();
  let watched = startWatch(plant.startMs);
  const others = new Set<string>();
  const differs = fault.exchange === undefined ? plant.differs : { ...plant.differs, exchange: fault.exchange };
  const faults = fault.meter === undefined ? {} : { [fault.device]: fault.meter };
  for (const { readings, timeMs } of minutes({ spec, ...plant, differs, faults })) {
    const elapsed = (timeMs - plant.startMs) / 3_600_000;
    const judged = judgeLive(substation, live, { time: timeMs, readings });
    live = judged.state;
    const before = watched.exchange;
    watched = watch(believed, watched, { time: timeMs, readings, known: judged.findings });
    if (watched.exchange !== before && watched.exchange !== undefined) believed = exchanged(model, watched.exchange);
    const found: readonly MeterFinding[] = [...judged.findings, ...findingsOf(watched)];
    for (const { device, finding } of found) {
      if (finding === 'stale') continue;
      if (device === fault.device) return { fault, hours: elapsed, others: [...others], watchedHours: elapsed };
      others.add(`${device} ${finding}`);
    }
    if (elapsed >= hours) break;
  }
  return { fault, hours: undefined, others: [...others], watchedHours: hours };
}
