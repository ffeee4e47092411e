import type { Region } from '../shared/contracts/region.ts';
import type { ApiDeps } from './api/deps.ts';
import type { Cloud } from './app.ts';
import type { Ledger } from './ingest/ledger.ts';
import type { UploadStore } from './planner/inputs/upload-store.ts';

export interface MeasuredWiring {
  readonly cloud: Cloud;
  readonly region: Region;
  readonly ledger: Ledger;
  readonly uploads: UploadStore;
}

/** What was measured of a target and when the cloud had it, from gateways and from uploads. */
export function measuredSources({
  cloud,
  region,
  ledger,
  uploads,
}: MeasuredWiring): Pick<ApiDeps, 'measurements' | 'metered' | 'receipts' | 'dataSpan'> {
  return {
    measurements: async ({ asOf, ...query }) =>
      (await cloud.loads.netLoad.intervals({ ...query, ...(asOf === undefined ? {} : { asOf }) })) ?? [],
    metered: async (query) => (await cloud.loads.metered.intervals(query)) ?? [],
    receipts: ({ target, start, end, resolutionS }) => {
      const stepMs = resolutionS * 1000;
      const grid = { start, stepMs, count: Math.round((end - start) / stepMs) };
      const all = [
        ...gatewaysOf(region, target).map((gateway) => ledger.receipts(gateway, grid)),
        uploads.receipts({ target, start, end, resolutionS }),
      ];
      return Array.from({ length: grid.count }, (_, step) => latest(all.map((each) => each[step] ?? null)));
    },
    dataSpan: (target) => {
      const spans = [
        ...gatewaysOf(region, target).map((gateway) => ledger.timeSpan(gateway)),
        uploads.span(target),
      ].filter((span) => span !== undefined);
      if (spans.length === 0) return undefined;
      return { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) };
    },
  };
}

/** The gateways that a target's measurements come from. */
function gatewaysOf(region: Region, target: string): string[] {
  const [kind, id = ''] = target.split(':');
  return region.substations
    .filter((each) => {
      if (kind === 'region') return id === region.id;
      if (kind === 'substation') return each.id === id;
      if (kind === 'feeder') return each.network.feeders.some((feeder) => feeder.id === id);
      return kind === 'device' && id.startsWith(`${each.gateway}/`);
    })
    .map(({ gateway }) => gateway);
}

const latest = (times: readonly (number | null)[]): number | null =>
  times.reduce((last, time) => (time !== null && (last === null || time > last) ? time : last), null);
