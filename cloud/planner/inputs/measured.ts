import type { Origin } from '../../../shared/contracts/ids.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import type { LoadSource } from '../../forecast/serve/inputs.ts';
import type { Ledger } from '../../ingest/ledger.ts';
import type { Interval } from '../../telemetry/store.ts';
import type { Loads } from './loads.ts';
import type { UploadStore } from './upload-store.ts';

export interface MeasurementQuery {
  /** substation:owd, feeder:owd-1, device:owd-01/battery-1 or region:north */
  readonly target: string;
  readonly start: number;
  readonly end: number;
  readonly resolutionS: number;
  readonly asOf: number | undefined;
}

export interface MeasuredInterval extends Interval {
  readonly origin: Origin;
}

/** Bounds of a series' source times, ms UTC. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** The measurements of a target, and when the cloud received them. */
export interface Measured {
  intervals(query: MeasurementQuery): Promise<readonly MeasuredInterval[]>;
  /** Gateways' measurements, without uploads. */
  metered(query: Omit<MeasurementQuery, 'asOf'>): Promise<readonly MeasuredInterval[]>;
  /**
   * Per interval of a query, the plant time at which the cloud had stored the last part of it that was known at `asOf`; null: nothing
   * stored.
   */
  receipts(query: MeasurementQuery): Promise<readonly (number | null)[]>;
  /** Time span of the stored data of a target's gateways. */
  span(target: string): Promise<TimeSpan | undefined>;
  /** The measured load without commanded devices; null where unknown. */
  readonly uncontrolled: LoadSource;
}

export interface MeasuredParts {
  readonly loads: Loads;
  readonly region: Region;
  readonly ledger: Ledger;
  readonly uploads: UploadStore;
}

/** Reads the measurements of a target and their times of receipt from gateways and uploads. */
export function measuredOf({ loads, region, ledger, uploads }: MeasuredParts): Measured {
  return {
    intervals: async ({ asOf, ...query }) =>
      (await loads.netLoad.intervals({ ...query, ...(asOf === undefined ? {} : { asOf }) })) ?? [],
    metered: async (query) => (await loads.metered.intervals(query)) ?? [],
    receipts: async ({ asOf, ...query }) => {
      const { target, start, end, resolutionS } = query;
      const stepMs = resolutionS * 1000;
      const grid = { start, stepMs, count: Math.round((end - start) / stepMs) };
      const all = [
        ...gatewaysOf(region, target).map((gateway) => ledger.receipts(gateway, grid, asOf)),
        await uploads.receipts({ ...query, ...(asOf === undefined ? {} : { asOf }) }),
      ];
      return Array.from({ length: grid.count }, (_, step) => latest(all.map((each) => each[step] ?? null)));
    },
    span: async (target) => {
      const spans = [
        ...gatewaysOf(region, target).map((gateway) => ledger.timeSpan(gateway)),
        await uploads.span(target),
      ].filter((span) => span !== undefined);
      if (spans.length === 0) return undefined;
      return { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) };
    },
    uncontrolled: loads.measured,
  };
}

/** The gateways that a target's measurements come from. */
function gatewaysOf(region: Region, target: string): string[] {
  const [kind, id = ''] = target.split(':');
  return region.substations
    .filter((each) => {
      if (kind === 'region') return id === region.id;
      if (kind === 'substation' || kind === 'rest') return each.id === id;
      if (kind === 'feeder') return each.network.feeders.some((feeder) => feeder.id === id);
      return kind === 'device' && id.startsWith(`${each.gateway}/`);
    })
    .map(({ gateway }) => gateway);
}

const latest = (times: readonly (number | null)[]): number | null =>
  times.reduce((last, time) => (time !== null && (last === null || time > last) ? time : last), null);
