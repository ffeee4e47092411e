import { sayEstimate } from '../../shared/sentences/estimate-forms.ts';
import type { RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import { rangeOf } from './inputs.ts';
import { usable, type Readings } from './readings.ts';
import type { MeterFinding } from './state.ts';

/** Consecutive readings that a terminal's device cannot produce: a charging site that feeds in, a PV plant that consumes by day. */
export interface Impossible {
  readonly since: number;
  /** Source time of the newest reading examined. */
  readonly time: number;
  readonly count: number;
  /** The newest impossible reading, kW. */
  readonly kw: number;
}

export type Impossibles = ReadonlyMap<string, Impossible>;

/** A reading this far outside the device's range, as a share of the range, is the meter's fault. One this close to zero decides nothing. */
const BEYOND_SHARE = 0.05;
/** Fewer impossible readings may be slips. */
const FEWEST = 5;

/** Adds new readings. Each counts once; a possible one ends the row. */
export function addImpossible(substation: RegionSubstation, before: Impossibles, readings: Readings): Impossibles {
  const next = new Map<string, Impossible>();
  for (const device of terminals(substation)) {
    const last = before.get(device.id);
    const reading = usable(readings, device.id, 'activePowerKw');
    if (reading === undefined || (last !== undefined && reading.time <= last.time)) {
      if (last !== undefined) next.set(device.id, last);
      continue;
    }
    const { value: kw, time } = reading;
    const { beyond, tolerance } = rangeAbout(device);
    if (beyond(kw)) next.set(device.id, { since: last?.since ?? time, time, count: (last?.count ?? 0) + 1, kw });
    else if (last !== undefined && Math.abs(kw) <= tolerance) next.set(device.id, { ...last, time });
  }
  return next;
}

/** Finds meters that read what their devices cannot produce: reversed if the opposite sign is possible, otherwise in gross error. */
export function judgeImpossible(substation: RegionSubstation, impossibles: Impossibles): MeterFinding[] {
  return terminals(substation).flatMap((device): MeterFinding[] => {
    const row = impossibles.get(device.id);
    if (row === undefined || row.count < FEWEST) return [];
    const { minKw, maxKw, beyond } = rangeAbout(device);
    return [
      {
        device: device.id,
        finding: beyond(-row.kw) ? 'gross-error' : 'reversed',
        channel: 'power',
        since: row.since,
        ...sayEstimate('reads {value} kW, where its device can have {least} to {most} kW', {
          value: row.kw.toFixed(0),
          least: minKw.toFixed(0),
          most: maxKw.toFixed(0),
        }),
      },
    ];
  });
}

function terminals({ devices, meters }: RegionSubstation): RegionDevice[] {
  const metered = new Set(meters.flatMap(({ device, kind }) => (kind === 'terminal' ? [device] : [])));
  return devices.filter((device) => {
    const { minKw, maxKw } = rangeOf(device);
    return metered.has(device.id) && maxKw > minKw;
  });
}

function rangeAbout(device: RegionDevice): {
  readonly minKw: number;
  readonly maxKw: number;
  readonly tolerance: number;
  readonly beyond: (kw: number) => boolean;
} {
  const { minKw, maxKw } = rangeOf(device);
  const tolerance = BEYOND_SHARE * (maxKw - minKw);
  return { minKw, maxKw, tolerance, beyond: (kw) => kw < minKw - tolerance || kw > maxKw + tolerance };
}
