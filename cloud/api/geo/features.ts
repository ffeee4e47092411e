import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { Region, RegionSubstation } from '../../../shared/contracts/region.ts';
import type { FeederView, RegionView } from '../../../shared/contracts/view.ts';
import { indexOfLevel } from '../../../shared/forecast/quantiles.ts';
import { formatTime } from '../conventions.ts';
import { feederResources, type Resource, substationResource } from '../resources.ts';

export const GEOJSON = 'application/geo+json; charset=utf-8';

/** [longitude, latitude], degrees WGS 84. */
export type Position = readonly [number, number];

export type Geometry =
  | { readonly type: 'Point'; readonly coordinates: Position }
  | { readonly type: 'LineString'; readonly coordinates: readonly Position[] }
  | { readonly type: 'MultiLineString'; readonly coordinates: readonly (readonly Position[])[] };

/** GeoJSON (RFC 7946). */
export interface Feature {
  readonly type: 'Feature';
  readonly id: string;
  readonly geometry: Geometry | null;
  readonly properties: Readonly<Record<string, string | number | boolean | null>>;
}

export interface FeatureSources {
  readonly region: Region;
  view(): RegionView;
  feederView(id: string): FeederView | undefined;
  newestForecast(target: string): Forecast | undefined;
}

export const COLLECTIONS = ['substations', 'feeders', 'branches'] as const;
export type Collection = (typeof COLLECTIONS)[number];

/** A feature and the target that a caller must be allowed to read. */
export interface OwnedFeature {
  readonly target: string;
  readonly feature: Feature;
}

/** Returns resources as features, with a geometry if it is known. */
export function resourceFeatures(kind: string, items: readonly Resource[], sources: FeatureSources): Feature[] {
  const collection = COLLECTIONS.find((each) => each === kind);
  const placed = collection === undefined ? [] : featuresOf(collection, sources).map(({ feature }) => feature);
  const byId = new Map(placed.map((feature) => [feature.id, feature]));
  return items.map(
    (item) =>
      byId.get(item.id) ?? owned(item, { geometry: null, properties: comingPeak(item.target, sources) }).feature,
  );
}

/** Returns every feature of a collection, by id. */
export function featuresOf(collection: Collection, sources: FeatureSources): OwnedFeature[] {
  const view = sources.view();
  const all = sources.region.substations.flatMap((substation): OwnedFeature[] => {
    switch (collection) {
      case 'substations':
        return [substationFeature(substationResource(substation, view), view, sources)];
      case 'feeders':
        return feederResources(substation, view).map((resource) => feederFeature(resource, substation, sources));
      case 'branches':
        return branchFeatures(substation, sources);
    }
  });
  return all.toSorted((a, b) => (a.feature.id < b.feature.id ? -1 : Number(a.feature.id > b.feature.id)));
}

function substationFeature(resource: Resource, view: RegionView, sources: FeatureSources): OwnedFeature {
  const { latitude, longitude } = resource.coordinates!;
  const now = view.substations.find(({ id }) => id === resource.id);
  return owned(resource, {
    geometry: { type: 'Point', coordinates: [longitude, latitude] },
    properties: { activePowerKw: now?.activePowerKw.value ?? null, ...comingPeak(resource.target, sources) },
  });
}

function feederFeature(resource: Resource, substation: RegionSubstation, sources: FeatureSources): OwnedFeature {
  const own = substation.network.lines.filter((line) => line.feeder === resource.id);
  const place = placer(substation);
  const lines = own.map((line) => lineOf(substation, line, place)).filter((line) => line !== undefined);
  return owned(resource, {
    geometry: lines.length === 0 ? null : { type: 'MultiLineString', coordinates: lines },
    properties: { substation: substation.id, position: place.kind, ...comingPeak(resource.target, sources) },
  });
}

const owned = (
  { id, target, name, limits, qualityNow }: Resource,
  more: Pick<Feature, 'geometry' | 'properties'>,
): OwnedFeature => ({
  target,
  feature: {
    type: 'Feature',
    id,
    geometry: more.geometry,
    properties: {
      id,
      name,
      target,
      importLimitKw: limits.importKw,
      exportLimitKw: limits.exportKw,
      qualityNow,
      ...more.properties,
    },
  },
});

function branchFeatures(substation: RegionSubstation, sources: FeatureSources): OwnedFeature[] {
  const place = placer(substation);
  return substation.network.lines.flatMap((line) => {
    if (line.feeder === undefined) return [];
    const now = sources.feederView(line.feeder)?.branches.find(({ id }) => id === line.id);
    const coordinates = lineOf(substation, line, place);
    return [
      {
        target: `feeder:${line.feeder}`,
        feature: {
          type: 'Feature' as const,
          id: line.id,
          geometry: coordinates === undefined ? null : { type: 'LineString' as const, coordinates },
          properties: {
            id: line.id,
            name: line.name ?? line.id,
            feeder: line.feeder,
            substation: substation.id,
            fromBus: line.from,
            toBus: line.to,
            ratedKva: line.ratedKva ?? null,
            closed: now?.closed ?? line.closed ?? true,
            activePowerKw: now?.activePowerKw.value ?? null,
            loadingPct: now?.loadingPct.value ?? null,
            position: place.kind,
          },
        },
      },
    ];
  });
}

/** Returns the peak of the newest forecast's median, and P95 at the same step. */
function comingPeak(target: string, sources: FeatureSources): Feature['properties'] {
  const forecast = sources.newestForecast(target);
  const median = forecast?.values[indexOfLevel(forecast.quantiles, 0.5)];
  if (forecast === undefined || median === undefined) return { peakP50Kw: null, peakP95Kw: null, peakAt: null };
  const at = median.indexOf(Math.max(...median));
  return {
    peakP50Kw: median[at]!,
    peakP95Kw: forecast.values[indexOfLevel(forecast.quantiles, 0.95)]?.[at] ?? null,
    peakAt: formatTime(forecast.start + at * forecast.resolutionS * 1000),
  };
}

interface Placer {
  /** `surveyed`: true bus positions; `schematic`: the feeder diagram laid out around its substation. */
  readonly kind: 'surveyed' | 'schematic';
  of(x: number, y: number): Position;
}

/** Size of a schematic unit on the map, degrees of latitude: about 200 m. */
const UNIT_DEG = 0.0018;
/** Buses this close to their substation, degrees, count as surveyed. */
const NEAR_DEG = 2;

function placer({ latitude, longitude, network }: RegionSubstation): Placer {
  const drawn = network.buses.filter(({ x, y }) => x !== undefined && y !== undefined);
  const isNear = ({ x = 0, y = 0 }: (typeof drawn)[number]): boolean =>
    Math.abs(x - longitude) < NEAR_DEG && Math.abs(y - latitude) < NEAR_DEG;
  if (drawn.length > 0 && drawn.every(isNear)) return { kind: 'surveyed', of: (x, y) => [x, y] };
  const stretch = Math.cos((latitude * Math.PI) / 180);
  const rounded = (value: number): number => Math.round(value * 1e7) / 1e7;
  return {
    kind: 'schematic',
    of: (x, y) => [rounded(longitude + (x * UNIT_DEG) / stretch), rounded(latitude - y * UNIT_DEG)],
  };
}

function lineOf(
  { network }: RegionSubstation,
  { from, to }: { readonly from: string; readonly to: string },
  place: Placer,
): Position[] | undefined {
  const ends = [from, to].map((id) => network.buses.find((bus) => bus.id === id));
  if (ends.some((bus) => bus?.x === undefined || bus.y === undefined)) return undefined;
  return ends.map((bus) => place.of(bus!.x!, bus!.y!));
}

/** True if the bounding box of a geometry intersects a box; a null geometry never does. */
export function isWithin(
  geometry: Geometry | null,
  [west, south, east, north]: readonly [number, number, number, number],
): boolean {
  const box = boxAround([geometry]);
  if (box === undefined) return false;
  const [first, lowest, last, highest] = box;
  // A box across the antimeridian has its west edge east of its east edge (RFC 7946, 5.2).
  const inLon = west <= east ? last >= west && first <= east : last >= west || first <= east;
  return inLon && highest >= south && lowest <= north;
}

/** West, south, east and north of any number of geometries; undefined if they have no point. */
export function boxAround(geometries: readonly (Geometry | null)[]): [number, number, number, number] | undefined {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const geometry of geometries)
    for (const [lon, lat] of geometry === null ? [] : pointsOf(geometry)) {
      [west, east] = [Math.min(west, lon), Math.max(east, lon)];
      [south, north] = [Math.min(south, lat), Math.max(north, lat)];
    }
  return west <= east ? [west, south, east, north] : undefined;
}

function pointsOf(geometry: Geometry): readonly Position[] {
  switch (geometry.type) {
    case 'Point':
      return [geometry.coordinates];
    case 'LineString':
      return geometry.coordinates;
    case 'MultiLineString':
      return geometry.coordinates.flat();
  }
}
