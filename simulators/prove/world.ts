import type { Region } from '../../shared/contracts/region.ts';
import { history, type HistoryBatch } from '../history/history.ts';
import type { PlantOptions, PlantSpec } from '../plant/spec.ts';
import { needOfRecord, partsByNeed } from '../region/failsafe-shares.ts';
import { feederBus } from '../region/network.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import type { Course } from './course.ts';
import type { Protocol } from './protocol.ts';

export interface LimitKw {
  readonly importKw: number;
  readonly exportKw: number;
}

/** The truth of a run, the information given to its controllers, and the record before it. */
export interface CourseWorld {
  readonly specs: readonly PlantSpec[];
  readonly region: Region;
  readonly plant: Pick<PlantOptions, 'seed' | 'differs' | 'bites'>;
  /** By substation; they sum to the region's limit. */
  readonly shares: ReadonlyMap<string, LimitKw>;
  /** The same for the quarter-hour of the day that contains a moment. */
  readonly sharesAt: (timeMs: number) => ReadonlyMap<string, LimitKw>;
  /** Record up to the start; empty when nothing is trained. */
  readonly history: readonly HistoryBatch[];
}

/** Bus of the other feeder to which a misplaced device is really connected. */
const ELSEWHERE_BUS = 6;

export async function courseWorld(protocol: Protocol, course: Course, trains: boolean): Promise<CourseWorld> {
  const { substations } = protocol.unit;
  const recorded = plantSpecs(substations);
  const batches: HistoryBatch[] = [];
  if (trains)
    for await (const batch of history(recorded, { seed: course.seed, endMs: course.startMs })) batches.push(batch);
  const { curves } = protocol.plant;
  const shares = practiceShares(protocol, recorded, course.shared);
  const region = buildRegion(substations);
  return {
    specs: recorded.map((spec) => specOf(spec, course)),
    region: {
      ...region,
      limits: course.shared,
      substations: region.substations.map((one) => ({ ...one, failsafe: shares.get(one.id)! })),
    },
    plant: {
      seed: course.seed,
      differs: course.differs,
      bites: { relays: true, inverterTrips: true, coldLoad: true, hotSpot: true, curves },
    },
    shares,
    sharesAt: quarterHourly((quarter) => practiceShares(protocol, recorded, course.shared, quarter)),
    history: batches,
  };
}

function specOf(spec: PlantSpec, { loadFactor, temperatureC, sunSpread, misplaced, lying }: Course): PlantSpec {
  const { inputs } = spec;
  return {
    ...spec,
    loadFactor: spec.loadFactor * loadFactor,
    inputs: {
      ...inputs,
      netKw: inputs.netKw.map((kw) => kw * loadFactor),
      temperatureC: inputs.temperatureC.map((each) => each + temperatureC),
      sunSpread: inputs.sunSpread.map((each) => Math.min(1, each * sunSpread)),
    },
    devices: spec.devices.map((device) =>
      misplaced?.substation === spec.id && misplaced.device === device.id
        ? { ...device, bus: feederBus(spec.id, device.feeder.endsWith('-1') ? 2 : 1, ELSEWHERE_BUS) }
        : device,
    ),
    meterFaults:
      lying?.substation === spec.id
        ? { ...spec.meterFaults, [lying.meter]: { factor: lying.factor } }
        : spec.meterFaults,
  };
}

/** Shares in proportion to each site's import and export quantiles on the tuning days: the best possible constant shares. */
function practiceShares(
  { days, settings }: Pick<Protocol, 'days' | 'settings'>,
  specs: readonly PlantSpec[],
  limit: LimitKw,
  quarter?: number,
): Map<string, LimitKw> {
  const tuning = new Set(days.tuning);
  const counts = (timeMs: number): boolean =>
    tuning.has(new Date(timeMs).toISOString().slice(0, 10)) && (quarter === undefined || quarterOf(timeMs) === quarter);
  const record = { quantile: settings.staticShareQuantile, counts };
  return partsByNeed(new Map(specs.map(({ id, inputs }) => [id, needOfRecord(inputs, record)])), limit);
}

const QUARTER_MS = 900_000;
const quarterOf = (timeMs: number): number => Math.floor((timeMs % 86_400_000) / QUARTER_MS);

function quarterHourly(of: (quarter: number) => ReadonlyMap<string, LimitKw>): CourseWorld['sharesAt'] {
  const known = new Map<number, ReadonlyMap<string, LimitKw>>();
  return (timeMs) => {
    const quarter = quarterOf(timeMs);
    const shares = known.get(quarter) ?? of(quarter);
    known.set(quarter, shares);
    return shares;
  };
}
