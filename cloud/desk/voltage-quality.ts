import type { VoltageQualityRow } from '../../shared/contracts/desk.ts';
import type { MeterPoint, Region, RegionSubstation } from '../../shared/contracts/region.ts';
import type { TelemetryStore } from '../telemetry/store.ts';

export const WEEK_MS = 7 * 86_400_000;
const STEP_S = 600;
/** Means with less coverage are not judged. */
const COVERED = 0.5;
/** The share of a week's means that it takes to call the voltage kept. */
const ENOUGH = 0.9;
/**
 * EN 50160:2010+A3, supply voltage variations: 4.2.2.2 (low voltage: 95 % of the 10-min means of a week within ±10 %, all within
 * +10/-15 %) and 5.2.2.2 (medium voltage: 99 % within ±10 %, all within ±15 %).
 */
const RULES = {
  LV: { neededPct: 95, band: [0.9, 1.1], all: [0.85, 1.1] },
  MV: { neededPct: 99, band: [0.9, 1.1], all: [0.85, 1.15] },
} as const;

/**
 * Voltage of every metered place over the week from `start`, plant time in ms UTC; places without a voltage appear as not measured enough.
 * So do those whose raw samples were thinned: the mean of a quarter of an hour hides what its 10-min means were.
 */
export async function voltageQuality(
  region: Region,
  store: Pick<TelemetryStore, 'intervals'>,
  start: number,
): Promise<VoltageQualityRow[]> {
  const rows: VoltageQualityRow[] = [];
  for (const substation of region.substations) {
    const meters = substation.meters.filter(({ kind }) => kind !== 'feeder-head');
    const series = meters.map(({ device }) => ({ gateway: substation.gateway, device, metric: 'voltagePu' }));
    const means = await store.intervals({ series, start, end: start + WEEK_MS, resolutionS: STEP_S, rawOnly: true });
    for (const [at, meter] of meters.entries()) {
      const own = (means[at] ?? []).flatMap(({ mean, coverage, quality }) =>
        mean === null || coverage < COVERED || quality === 'bad' ? [] : [mean],
      );
      rows.push(judge(substation, meter, own));
    }
  }
  return rows;
}

function judge(substation: RegionSubstation, meter: MeterPoint, means: readonly number[]): VoltageQualityRow {
  const intervals = WEEK_MS / (STEP_S * 1000);
  const level = levelOf(substation, meter);
  const { neededPct, band, all } = RULES[level];
  const within = (value: number, [low, high]: readonly [number, number]): boolean => value >= low && value <= high;
  const outside = means.filter((mean) => !within(mean, band)).length;
  const withinPct = means.length === 0 ? null : 100 - (100 * outside) / means.length;
  const isEnough = means.length >= ENOUGH * intervals;
  // What was not measured may have been within, so a violation is one of the whole week.
  const mostOutside = (1 - neededPct / 100) * (isEnough ? means.length : intervals);
  const isBroken = means.some((mean) => !within(mean, all)) || outside > mostOutside;
  return {
    substation: substation.id,
    device: meter.device,
    element: meter.element,
    level,
    intervals,
    measured: means.length,
    withinPct,
    neededPct,
    lowestPu: means.length === 0 ? null : Math.min(...means),
    highestPu: means.length === 0 ? null : Math.max(...means),
    verdict: isBroken ? 'not kept' : isEnough ? 'kept' : 'not enough measured',
  };
}

/** Low voltage is up to 1 kV, by the measured bus. */
function levelOf({ network }: RegionSubstation, { element }: MeterPoint): 'LV' | 'MV' {
  const branch = [...network.lines, ...network.transformers].find(({ id }) => id === element);
  const bus = network.buses.find(({ id }) => id === (branch?.to ?? element));
  return (bus?.nominalKv ?? 10) <= 1 ? 'LV' : 'MV';
}

/** Start of an ISO 8601 week (2021-W38) at midnight UTC; undefined if there is no such week. */
export function weekStart(text: string): number | undefined {
  const match = /^(\d{4})-W(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year, week] = [Number(match[1]), Number(match[2])];
  const fourth = Date.UTC(year, 0, 4);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * 86_400_000;
  const start = monday + (week - 1) * WEEK_MS;
  return week >= 1 && weekName(start) === text ? start : undefined;
}

/** The ISO 8601 week in which a time lies. */
export function weekName(time: number): string {
  const day = time - (time % 86_400_000);
  const thursday = day + (3 - ((new Date(day).getUTCDay() + 6) % 7)) * 86_400_000;
  const year = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / WEEK_MS);
  return `${year}-W${String(week).padStart(2, '0')}`;
}
