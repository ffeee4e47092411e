import type { Quality } from '../../shared/contracts/ids.ts';
import { headMeter, meteredFeeders, type Region, type RegionSubstation } from '../../shared/contracts/region.ts';
import type { Interval, RangeQuery, SeriesKey, TelemetryStore } from '../telemetry/store.ts';
import { LEAST_COVERAGE } from '../telemetry/usable-means.ts';
import type { MeterFinding } from './state.ts';

export interface LoadInterval extends Interval {
  readonly origin: 'measured' | 'estimated' | 'substituted';
}

export interface LoadQuery {
  /** substation:owd, feeder:owd-1, region:north or device:owd-01/battery-1 */
  readonly target: string;
  /** Half open: [start, end), ms UTC of plant time. */
  readonly start: number;
  readonly end: number;
  readonly resolutionS: number;
  readonly asOf?: number;
}

export interface NetLoadOptions {
  readonly region: Region;
  readonly store: Pick<TelemetryStore, 'intervals'>;
  /** Current findings about a substation's meters. */
  findings(substation: string): readonly MeterFinding[];
  /** Uploaded values; they fill in where nothing was measured. */
  readonly uploads?: { intervals(query: LoadQuery): Promise<LoadInterval[]> } | undefined;
}

/**
 * Net load by target as metered, kW, load convention. Where a meter is unusable, a marked substitute stands in: a reversed one is negated
 * (substituted), a dead or missing one of a transformer is replaced by the sum of its feeder heads (estimated).
 */
export class NetLoad {
  readonly #options: NetLoadOptions;

  constructor(options: NetLoadOptions) {
    this.#options = options;
  }

  /** Returns undefined for an unknown target. */
  async intervals(query: LoadQuery): Promise<LoadInterval[] | undefined> {
    const [kind, id] = splitTarget(query.target);
    const { region, uploads } = this.#options;
    switch (kind) {
      case 'substation': {
        const substation = region.substations.find((each) => each.id === id);
        return substation === undefined ? undefined : this.#substationNet(substation, query);
      }
      case 'feeder': {
        const substation = region.substations.find(({ network }) => network.feeders.some((feeder) => feeder.id === id));
        if (substation === undefined) return undefined;
        const head = headMeter(substation, id);
        if (head === undefined) return uploads?.intervals(query);
        return this.#completed(query, await this.#metered(substation, head.device, query));
      }
      case 'rest': {
        const substation = region.substations.find((each) => each.id === id);
        return substation === undefined ? undefined : this.#restNet(substation, query);
      }
      case 'region':
        return id === region.id ? this.#regionNet(query) : undefined;
      case 'device': {
        const [gateway, device] = id.split('/');
        if (gateway === undefined || device === undefined) return undefined;
        return this.#series({ gateway, device, metric: 'activePowerKw' }, query);
      }
      default:
        return undefined;
    }
  }

  async #substationNet(substation: RegionSubstation, query: LoadQuery): Promise<LoadInterval[]> {
    const { uploads } = this.#options;
    const own = { ...query, target: `substation:${substation.id}` };
    if (uploads !== undefined && isUnmetered(substation)) return uploads.intervals(own);
    const meter = substation.meters.find(({ kind }) => kind === 'transformer');
    const known = headsOf(substation);
    if ((meter === undefined || this.#isFound(substation, meter.device, 'dead')) && known.length > 0) {
      const heads = await Promise.all(known.map(({ device }) => this.#metered(substation, device, query)));
      return this.#completed(own, sum(heads, 'estimated'));
    }
    return this.#completed(own, await this.#metered(substation, meter?.device ?? 'transformer', query));
  }

  #isFound({ id }: RegionSubstation, meter: string, kind: MeterFinding['finding']): boolean {
    return this.#options.findings(id).some(({ device, finding }) => device === meter && finding === kind);
  }

  /** What a meter shows, with the right sign. */
  async #metered(substation: RegionSubstation, device: string, query: LoadQuery): Promise<LoadInterval[]> {
    const metered = await this.#series({ gateway: substation.gateway, device, metric: 'activePowerKw' }, query);
    if (!this.#isFound(substation, device, 'reversed')) return metered;
    return metered.map((each): LoadInterval => ({
      ...each,
      mean: each.mean === null ? null : -each.mean,
      min: each.max === null ? null : -each.max,
      max: each.min === null ? null : -each.min,
      quality: worse(each.quality, 'uncertain'),
      origin: 'substituted',
    }));
  }

  /** Fills intervals without a measurement from uploads: from before the gateway existed, or lost for good. */
  async #completed(query: LoadQuery, own: LoadInterval[]): Promise<LoadInterval[]> {
    const { uploads } = this.#options;
    if (uploads === undefined || own.every(({ mean }) => mean !== null)) return own;
    const sent = await uploads.intervals(query);
    return own.map((each, step) => {
      const other = each.mean === null ? sent[step] : undefined;
      return other === undefined || other.mean === null ? each : other;
    });
  }

  /** Load of the substation besides its metered feeders. */
  async #restNet(substation: RegionSubstation, query: LoadQuery): Promise<LoadInterval[]> {
    const whole = await this.#substationNet(substation, query);
    const heads = await Promise.all(
      meteredFeeders(substation).map((feeder) => this.intervals({ ...query, target: `feeder:${feeder}` })),
    );
    const less = heads.map((head = []) =>
      head.map((each) => ({ ...each, mean: each.mean === null ? null : -each.mean })),
    );
    return sum([whole, ...less], 'estimated');
  }

  async #regionNet(query: LoadQuery): Promise<LoadInterval[]> {
    const parts = [];
    for (const substation of this.#options.region.substations) parts.push(await this.#substationNet(substation, query));
    return sum(parts, 'estimated');
  }

  async #series(key: SeriesKey, query: LoadQuery): Promise<LoadInterval[]> {
    const [intervals] = await this.#options.store.intervals({
      ...range(query),
      series: [key],
      resolutionS: query.resolutionS,
    });
    return (intervals ?? []).map((each) => ({
      ...each,
      // The mean of a few minutes is not that of the hour, and the mean of most of it may not be.
      ...(each.coverage < 1 && each.mean !== null && { quality: worse(each.quality, 'uncertain') }),
      ...(each.coverage < LEAST_COVERAGE && { mean: null, min: null, max: null, quality: 'bad' }),
      origin: 'measured',
    }));
  }
}

const headsOf = ({ meters }: RegionSubstation): RegionSubstation['meters'] =>
  meters.filter(({ kind }) => kind === 'feeder-head');

/** Whether a substation, or one of its feeders, has no meter of ours. */
export const isUnmetered = ({ meters }: RegionSubstation, feeder?: string): boolean =>
  feeder === undefined
    ? !meters.some(({ kind }) => kind === 'transformer' || kind === 'feeder-head')
    : headMeter({ meters }, feeder) === undefined;

function range(query: LoadQuery): Pick<RangeQuery, 'start' | 'end' | 'asOf'> {
  return query.asOf === undefined
    ? { start: query.start, end: query.end }
    : { start: query.start, end: query.end, asOf: query.asOf };
}

/** Sums interval by interval; null if any part is null, since a missing value is not zero. */
function sum(parts: readonly (readonly LoadInterval[])[], origin: LoadInterval['origin']): LoadInterval[] {
  return (parts[0] ?? []).map((first, step) => {
    const own = parts.map((part) => part[step]?.mean ?? null);
    const known = own.every((value) => value !== null);
    return {
      start: first.start,
      mean: known ? own.reduce<number>((total, value) => total + value, 0) : null,
      min: null,
      max: null,
      coverage: Math.min(...parts.map((part) => part[step]?.coverage ?? 0)),
      quality: known ? worse('uncertain', ...parts.map((part) => part[step]?.quality ?? 'bad')) : 'bad',
      origin,
    };
  });
}

const RANK: readonly Quality[] = ['good', 'uncertain', 'bad'];
const worse = (...qualities: readonly Quality[]): Quality =>
  qualities.reduce((worst, quality) => (RANK.indexOf(quality) > RANK.indexOf(worst) ? quality : worst));

function splitTarget(target: string): [string, string] {
  const at = target.indexOf(':');
  return [target.slice(0, at), target.slice(at + 1)];
}
