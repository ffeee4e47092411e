import { Type, type Static } from 'typebox';
import type { Metric } from '../../../shared/contracts/frame.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import type { LinkView } from '../../../shared/contracts/view.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { PastStation } from '../../playback/past.ts';
import { formatTime, parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import type { DrawnSources } from './sources.ts';

/** Description of `at` for a route. */
export const AT =
  'With `at`, the view is rebuilt from what had arrived by then, and `past` is set. What was not recorded is null or unknown. A value is shown for at most half an hour after it was measured.';
export const AtQuery = Type.Object({
  at: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'RFC 3339, plant time of the view; absent: now',
      examples: ['2021-09-24T12:00:00Z'],
    }),
  ),
});
export type AtQuery = Static<typeof AtQuery>;

/** Returns the sources of the views of some substations at a moment, which the owner reads from its stores. */
export async function sourcesAt(
  { owner, region, vintages, views, clock }: ApiDeps,
  text: string,
  substations: Region['substations'],
): Promise<DrawnSources> {
  const at = parseTime(text, '/querystring/at');
  const now = clock.plant.now();
  if (at > now)
    throw new LoadstoneError(
      'LS-API-007',
      `${formatTime(at)} is in the future: plant time is ${formatTime(Math.floor(now))}`,
      '/querystring/at',
    );
  const stations = await owner.grid.past({ at, substations: substations.map(({ id }) => id) });
  const targets = substations.map(({ id }) => `substation:${id}`);
  const forecasts = new Map(
    await Promise.all(targets.map(async (target) => [target, await vintages.newest(target, at)] as const)),
  );
  return pastSources({
    region,
    at,
    stations,
    forecast: (target) => forecasts.get(target),
    clock: views.region().clock,
  });
}

interface PastParts {
  readonly region: Region;
  /** The requested plant time, ms UTC. */
  readonly at: number;
  readonly stations: readonly PastStation[];
  readonly forecast: DrawnSources['forecast'];
  /** The current clock, for moments that were not recorded. */
  readonly clock: ReturnType<DrawnSources['clock']>;
}

/** Returns the sources of the views at a moment. What was not recorded is unknown, never the current value. */
function pastSources({ region, at, stations, forecast, clock }: PastParts): DrawnSources {
  const gatewayOf = new Map(region.substations.map(({ id, gateway }) => [id, gateway]));
  const byId = new Map(stations.map((station) => [station.substation, station]));
  const byGateway = new Map(stations.map((station) => [gatewayOf.get(station.substation), station]));
  const momentOf = (gateway: string | undefined) => byGateway.get(gateway)?.recorded?.moment;
  const { speed } = stations.find(({ recorded }) => recorded !== null)?.recorded?.moment ?? clock;
  return {
    region,
    plantNow: () => at,
    clock: () => ({ speed, speedReached: speed, simulated: clock.simulated }),
    live: (gateway, device, metric) => byGateway.get(gateway)?.readings.get(device)?.[metric as Metric],
    estimate: (substation) => byId.get(substation)?.estimate,
    findings: (substation) => byId.get(substation)?.recorded?.moment.findings ?? [],
    link: (gateway) => linkOf(byGateway.get(gateway)),
    health: (gateway) => {
      const report = momentOf(gateway)?.health ?? undefined;
      return report === undefined ? undefined : { report };
    },
    forecast,
    plan: (substation) => ({ plan: { status: momentOf(gatewayOf.get(substation))?.planStatus ?? 'unknown' } }),
    overrides: () => stations.flatMap(({ recorded }) => recorded?.moment.overrides ?? []),
    activeAlarms: (gateway) => momentOf(gateway)?.alarms ?? null,
    recordedAt: (gateway) => byGateway.get(gateway)?.recorded?.at ?? null,
  };
}

function linkOf(station: PastStation | undefined): LinkView {
  if (station === undefined || station.recorded === null) return { state: 'unknown', since: null, lastFrame: null };
  const times = [...station.readings.values()].flatMap((each) => Object.values(each).map(({ time }) => time));
  return { ...station.recorded.moment.link, lastFrame: times.length === 0 ? null : Math.max(...times) };
}
