import { valuesOf } from '../../../shared/sentences/said.ts';
import { headMeter, type RegionSubstation } from '../../../shared/contracts/region.ts';
import type { RegionView, SubstationView, ValueView } from '../../../shared/contracts/view.ts';
import { reportIntervalS } from '../../../shared/time/staleness.ts';
import { controlOf } from './control-view.ts';
import type { EstimatedBus, EstimateState } from '../../estimate/state.ts';
import {
  estimatedView,
  momentOf,
  recordOf,
  round,
  seriesOf,
  unknownValue,
  type DrawnSources,
  type LookedAt,
} from './sources.ts';

/** Returns the overview of the whole region. */
export function regionView(sources: DrawnSources): RegionView {
  const { region } = sources;
  const substations = region.substations.map((substation) => substationView(substation, sources));
  return {
    id: region.id,
    name: region.name,
    clock: { plantTime: sources.plantNow(), ...sources.clock() },
    activePowerKw: sumOf(substations.map(({ activePowerKw }) => activePowerKw)),
    limits: region.limits,
    substations,
    ...(sources.recordedAt === undefined ? {} : { past: true }),
  };
}

function substationView(substation: RegionSubstation, sources: DrawnSources): SubstationView {
  const state = sources.estimate(substation.id);
  const moment = momentOf(sources);
  const rated = substation.network.transformers[0]?.ratedKva ?? substation.limits.importKw;
  return {
    id: substation.id,
    name: substation.name,
    latitude: substation.latitude,
    longitude: substation.longitude,
    gateway: substation.gateway,
    feeders: substation.network.feeders.map(({ id }) => id),
    activePowerKw: state === undefined ? unknownValue : estimatedView(state.transformer.activePowerKw, state, moment),
    ...seriesOf(
      substation,
      substation.meters.find(({ kind }) => kind === 'transformer'),
    ),
    headSeries: substation.network.feeders.flatMap(({ id }) => {
      const { series } = seriesOf(substation, headMeter(substation, id));
      return series === undefined ? [] : [series];
    }),
    loadingPct: state === undefined ? unknownValue : loadingView(state, rated, moment),
    limits: { importKw: substation.limits.importKw, exportKw: substation.limits.exportKw },
    voltageMinPu: extreme(state, moment, (a, b) => a.voltagePu.value < b.voltagePu.value),
    voltageMaxPu: extreme(state, moment, (a, b) => a.voltagePu.value > b.voltagePu.value),
    voltageLimits: { vMinPu: substation.limits.vMinPu, vMaxPu: substation.limits.vMaxPu },
    ...nextMetersOf(state),
    forecastPeak: forecastPeak(substation.id, sources),
    findings: sources.findings(substation.id).map(({ parameters, ...finding }) => ({
      ...finding,
      ...(parameters === undefined ? {} : { parameters: valuesOf(parameters) }),
    })),
    control: controlOf(substation, sources),
    alarms: sources.activeAlarms(substation.gateway),
    link: sources.link(substation.gateway),
    planStatus: sources.plan(substation.id)?.plan.status ?? 'none',
    ...recordOf(sources, substation.gateway),
  };
}

const nextMetersOf = (state: EstimateState | undefined): Pick<SubstationView, 'nextMeters'> =>
  state?.nextMeters === undefined
    ? {}
    : {
        nextMeters: state.nextMeters.map(({ bus, errorPu, reductionPct }) => ({
          bus,
          errorPu: round(errorPu),
          reductionPct: round(reductionPct),
        })),
      };

const loadingView = (state: EstimateState, ratedKva: number, moment: LookedAt): ValueView => ({
  ...estimatedView(state.transformer.activePowerKw, state, moment),
  value: round(state.transformer.loadingPct),
  error: round((100 * state.transformer.activePowerKw.error) / ratedKva),
});

function extreme(
  state: EstimateState | undefined,
  moment: LookedAt,
  better: (a: EstimatedBus, b: EstimatedBus) => boolean,
): ValueView {
  const live = (state?.buses ?? []).filter(({ voltagePu }) => voltagePu.value > 0);
  const found = live.reduce<EstimatedBus | undefined>(
    (best, bus) => (best === undefined || better(bus, best) ? bus : best),
    undefined,
  );
  return state === undefined || found === undefined ? unknownValue : estimatedView(found.voltagePu, state, moment);
}

/** Returns the largest median by magnitude within the next 24 h. */
function forecastPeak(substation: string, sources: DrawnSources): SubstationView['forecastPeak'] {
  const forecast = sources.forecast(`substation:${substation}`);
  const median = forecast?.values[forecast.quantiles.findIndex((each) => Math.abs(each - 0.5) < 1e-9)];
  if (forecast === undefined || median === undefined) return null;
  const now = sources.plantNow();
  let peak: SubstationView['forecastPeak'] = null;
  for (const [step, kw] of median.entries()) {
    const at = forecast.start + step * forecast.resolutionS * 1000;
    if (at < now || at > now + 86_400_000) continue;
    if (peak === null || Math.abs(kw) > Math.abs(peak.kw)) peak = { kw: round(kw), at };
  }
  return peak;
}

/** Returns the sum, or unknown if any part is: a missing value never counts as zero. */
function sumOf(values: readonly ValueView[]): ValueView {
  if (values.length === 0 || values.some(({ value }) => value === null)) return unknownValue;
  const variance = values.reduce((sum, { error }) => sum + (error ?? 0) ** 2, 0);
  return {
    value: round(values.reduce((sum, { value }) => sum + value!, 0)),
    quality: values.some(({ quality }) => quality !== 'good') ? 'uncertain' : 'good',
    origin: values.every(({ origin }) => origin === 'measured') ? 'measured' : 'estimated',
    time: Math.min(...values.map(({ time }) => time ?? 0)),
    error: round(Math.sqrt(variance)),
    intervalS: Math.max(...values.map(({ intervalS }) => reportIntervalS(intervalS))),
  };
}
