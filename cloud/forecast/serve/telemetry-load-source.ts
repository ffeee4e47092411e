import { sayForecast } from '../../../shared/sentences/forecast-forms.ts';
import type { Said } from '../../../shared/sentences/said.ts';
import type { ForecastTarget } from '../registry/forecast-target.ts';
import {
  hasRest,
  headMeter,
  meteredFeeders,
  type Region,
  type RegionSubstation,
} from '../../../shared/contracts/region.ts';
import { uncontrolledLoad, type LoadTerm, type UncontrolledLoad } from '../../../shared/forecast/uncontrolled.ts';
import type { MeterFinding } from '../../estimate/state.ts';
import type { SeriesKey, TelemetryStore } from '../../telemetry/store.ts';
import { LEAST_COVERAGE, readMeans } from '../../telemetry/usable-means.ts';
import { bridged, summed, type Bridged } from './bridge.ts';
import { holidaysOf } from './holidays.ts';
import type { InputQuery, LoadIntervals, LoadSource } from './inputs.ts';
import { flatLinesIn } from './screening/runs.ts';

export interface TelemetryLoadOptions {
  readonly store: TelemetryStore;
  readonly region: Region;
  /** Findings on a gateway's meters. */
  readonly findings: (gateway: string) => readonly MeterFinding[];
  /** Uploaded load, used where nothing was measured. */
  readonly uploads?: UploadedLoad | undefined;
}

export interface UploadedLoad {
  /** One entry per interval of the range, kW. */
  intervals(query: InputQuery): Promise<readonly { readonly mean: number | null }[]>;
  /** From the first to the last uploaded value; undefined for most targets, which have none. */
  span(target: string): Promise<object | undefined>;
  /** Increases with each upload. */
  readonly revision: number;
}

/** A sum is known if the measured terms usually make up this share of it; the rest is estimated. */
const LEAST_MEASURED = 0.8;
const BEFORE_MS = 7 * 86_400_000;
/** Steps processed without yielding. */
const LONG = 2000;

/** Uncontrolled load from the telemetry store, by the region's meter plan, with corrections for dead and reversed meters. */
export class TelemetryLoadSource implements LoadSource {
  readonly #options: TelemetryLoadOptions;
  /** When each series first had a value; before that its device is treated as absent. */
  readonly #firstSeen = new Map<string, number>();

  constructor(options: TelemetryLoadOptions) {
    this.#options = options;
  }

  async intervals(query: InputQuery): Promise<LoadIntervals> {
    const parts = partsOf(this.#options.region, query.target);
    const count = Math.round((query.end - query.start) / (query.resolutionS * 1000));
    if (parts.length === 0) return { values: new Float64Array(count).fill(Number.NaN), substitution: null };
    // Taken before the read, so that values changed by a concurrent upload are read again.
    const revision = this.#options.uploads?.revision ?? 0;
    const reasons: Said[] = [];
    const terms: SumTerm[] = [];
    for (const { substation, feeder, factor = 1 } of parts) {
      const { load, reason } = this.#mended(substation, feeder);
      if (reason !== null) reasons.push(sayForecast('{place}: {why}', { place: substation.id, why: reason }));
      const first = terms.length;
      const target = feeder === undefined ? `substation:${substation.id}` : `feeder:${feeder}`;
      if (load.net.length === 0) terms.push(await this.#uploaded(target, query));
      if (load.net.length > 0 || load.devices.length > 0)
        terms.push(...(await this.#terms(substation.gateway, load, { ...query, target })));
      if (factor !== 1) for (const term of terms.slice(first)) term.factor *= factor;
    }
    await othersFirst(terms.length * count);
    const [first, ...rest] = reasons;
    const said = first && rest.reduce((one, other) => sayForecast('{one}; {other}', { one, other }), first);
    return {
      values: summed(terms, count, LEAST_MEASURED),
      substitution: said?.text ?? null,
      substituted: said,
      revision,
    };
  }

  async #uploaded(target: string, query: InputQuery): Promise<SumTerm> {
    const values = await this.#sent({ ...query, target });
    return { values, estimated: new Uint8Array(values.length), factor: 1, from: 0 };
  }

  async #sent(query: InputQuery): Promise<Float64Array> {
    const count = Math.round((query.end - query.start) / (query.resolutionS * 1000));
    const { uploads } = this.#options;
    const values = new Float64Array(count).fill(Number.NaN);
    if (uploads === undefined || (await uploads.span(query.target)) === undefined) return values;
    for (const [step, { mean }] of (await uploads.intervals(query)).entries()) if (mean !== null) values[step] = mean;
    return values;
  }

  /** Fills gaps of a target's meters with uploaded values: the meters without a value share what the others leave of it. */
  async #complete(terms: readonly LoadTerm[], means: readonly Float64Array[], query: InputQuery): Promise<void> {
    if (!terms.some((_, i) => means[i]!.some(Number.isNaN))) return;
    for (const [step, sent] of (await this.#sent(query)).entries()) {
      if (Number.isNaN(sent)) continue;
      const isMissing = (_: LoadTerm, i: number): boolean => Number.isNaN(means[i]![step]!);
      const missing = terms.filter(isMissing).length;
      if (missing === 0) continue;
      const left = terms.reduce(
        (sum, term, i) => (isMissing(term, i) ? sum : sum - term.factor * means[i]![step]!),
        sent,
      );
      for (const [i, term] of terms.entries()) if (isMissing(term, i)) means[i]![step] = left / missing / term.factor;
    }
  }

  /** The load's terms, with replacements for an unusable meter. */
  #mended(substation: RegionSubstation, feeder: string | undefined): { load: UncontrolledLoad; reason: Said | null } {
    const heads = substation.meters.filter((meter) => meter.kind === 'feeder-head');
    const transformer = substation.meters.find((meter) => meter.kind === 'transformer');
    const meter = feeder === undefined ? transformer : headMeter(substation, feeder);
    const devices = substation.devices.filter((device) => feeder === undefined || device.feeder === feeder);
    const findings = this.#options.findings(substation.gateway);
    const finding = findings.find((each) => each.device === meter?.device)?.finding;
    const device = meter?.device ?? 'transformer';
    const isReversed = (of: string): boolean =>
      findings.some((each) => each.device === of && each.finding === 'reversed');
    const turned = (load: UncontrolledLoad): UncontrolledLoad => ({
      ...load,
      net: load.net.map((term) => (isReversed(term.device) ? { ...term, factor: -term.factor } : term)),
    });
    const plain = turned(uncontrolledLoad(meter === undefined ? [] : [meter.device], devices));
    if (finding === 'reversed')
      return {
        load: plain,
        reason: sayForecast('meter {device} counts with the wrong sign and is turned', { device }),
      };
    if (feeder === undefined && (finding === 'dead' || meter === undefined) && heads.length > 0) {
      const isBehindOne = (place: string): boolean => heads.some((head) => head.feeder === place);
      const load = turned(
        uncontrolledLoad(
          heads.map((head) => head.device),
          devices.filter((device) => isBehindOne(device.feeder)),
        ),
      );
      if (meter !== undefined)
        return {
          load,
          reason: sayForecast('meter {device} is dead, the sum of the feeder heads stands in', { device }),
        };
      const isWhole = substation.network.feeders.every(({ id }) => isBehindOne(id));
      return {
        load,
        reason: isWhole ? null : sayForecast('no meter measures the whole, the sum of the feeder heads stands in'),
      };
    }
    return { load: plain, reason: finding === 'dead' ? sayForecast('meter {device} is dead', { device }) : null };
  }

  /** Every term with its gaps bridged: a device's from its first value on; a frozen meter's flat lines count as gaps. */
  async #terms(gateway: string, load: UncontrolledLoad, query: InputQuery): Promise<SumTerm[]> {
    const all = [...load.net, ...load.devices.flat()];
    const means = await this.#means(gateway, all, query);
    const { start, resolutionS } = query;
    for (const [i, term] of all.entries()) {
      const first = means[i]!.findIndex((value) => !Number.isNaN(value));
      const key = `${gateway}/${term.device}/${term.metric}`;
      const known = this.#firstSeen.get(key) ?? Number.POSITIVE_INFINITY;
      if (first >= 0) this.#firstSeen.set(key, Math.min(known, start + first * resolutionS * 1000));
    }
    for (let i = 0; i < load.net.length; i++) {
      const series = { start, stepS: resolutionS, values: means[i]! };
      for (const { from, to } of flatLinesIn(series)) means[i]!.fill(Number.NaN, from, to);
    }
    await this.#complete(load.net, means, query);
    // The week before a short range, for terms with gaps.
    const week = { ...query, start: start - BEFORE_MS, end: start };
    const lacking = all.filter((_, i) => query.end - start < BEFORE_MS && means[i]!.some(Number.isNaN));
    const before = lacking.length === 0 ? [] : await this.#means(gateway, lacking, week);
    const since = new Map<LoadTerm, number>(load.net.map((term) => [term, 0]));
    for (const group of load.devices) {
      const seen = Math.max(
        ...group.map(
          (term) => this.#firstSeen.get(`${gateway}/${term.device}/${term.metric}`) ?? Number.POSITIVE_INFINITY,
        ),
      );
      if (seen === Number.POSITIVE_INFINITY) continue;
      for (const term of group) since.set(term, Math.max(0, Math.round((seen - start) / (resolutionS * 1000))));
    }
    const terms: SumTerm[] = [];
    for (const [i, term] of all.entries()) {
      const from = since.get(term);
      if (from === undefined) continue;
      await othersFirst(means[i]!.length);
      const earlier = before[lacking.indexOf(term)];
      terms.push({ ...bridged(means[i]!, resolutionS, earlier), factor: term.factor, from });
    }
    return terms;
  }

  /** Means of the terms on the grid of the query; NaN if nothing usable was measured. */
  #means(gateway: string, terms: readonly LoadTerm[], query: InputQuery): Promise<Float64Array[]> {
    const { start, end, resolutionS, asOf } = query;
    return readMeans(this.#options.store, {
      series: terms.map((term): SeriesKey => ({ gateway, device: term.device, metric: term.metric })),
      start,
      end,
      resolutionS,
      leastCoverage: LEAST_COVERAGE,
      ...(asOf !== undefined && { asOf }),
    });
  }
}

/** Each term of a long history takes milliseconds, so pending tasks run first. */
async function othersFirst(steps: number): Promise<void> {
  if (steps > LONG) await new Promise(setImmediate);
}

type SumTerm = Bridged & { factor: number; readonly from: number };

interface Part {
  readonly substation: RegionSubstation;
  /** Absent: the substation as a whole. */
  readonly feeder?: string;
  /** Absent: 1. */
  readonly factor?: number;
}

/** The measured parts whose sum is the target. */
function partsOf(region: Region, target: string): Part[] {
  const [kind, id = ''] = target.split(':');
  switch (kind) {
    case 'region':
      return id === region.id ? region.substations.map((substation) => ({ substation })) : [];
    case 'substation':
      return region.substations.filter((each) => each.id === id).map((substation) => ({ substation }));
    case 'feeder':
      return region.substations
        .filter(({ network }) => network.feeders.some((feeder) => feeder.id === id))
        .map((substation) => ({ substation, feeder: id }));
    case 'rest':
      return region.substations
        .filter((each) => each.id === id)
        .flatMap((substation) => [
          { substation },
          ...meteredFeeders(substation).map((feeder) => ({ substation, feeder, factor: -1 })),
        ]);
    default:
      return [];
  }
}

/**
 * The forecast targets of a region: each substation (with a model for its gateway), each metered feeder, the rest of a substation beside
 * these where it is known, and the region. The parts of each whole add up to it.
 */
export function targetsOf(region: Region): ForecastTarget[] {
  const holidays = region.holidays === undefined ? undefined : holidaysOf(region.holidays);
  const whole = `region:${region.id}`;
  const substations = region.substations.map(({ id, timezone }) => ({
    id: `substation:${id}`,
    substation: id,
    zone: timezone,
    gateway: true,
    within: whole,
  }));
  const parts = region.substations.flatMap((substation) => {
    const { id, timezone } = substation;
    const feeders = meteredFeeders(substation).map((feeder) => ({ id: `feeder:${feeder}`, isRest: false }));
    const all = hasRest(substation) ? [...feeders, { id: `rest:${id}`, isRest: true }] : feeders;
    return all.map((each) => ({
      ...each,
      substation: id,
      zone: timezone,
      gateway: false,
      within: `substation:${id}`,
    }));
  });
  const targets: ForecastTarget[] = [
    ...substations,
    {
      id: whole,
      substation: region.id,
      zone: region.timezone,
      gateway: false,
      ...(substations.length > 1 && { parts: substations.map(({ id }) => id) }),
    },
    ...parts,
  ];
  return holidays === undefined ? targets : targets.map((target) => ({ ...target, holidays }));
}
