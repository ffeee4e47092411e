import type { ForecastTarget } from '../../forecast-target.ts';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CONTEXT_VERSION } from '../../../../../shared/forecast/context.ts';
import { featureNames } from '../../../../../shared/forecast/features.ts';
import { QUANTILES } from '../../../../../shared/forecast/quantiles.ts';
import type { LoadSeries } from '../../../../../shared/forecast/series.ts';
import { unwrap } from '../../../../../shared/outcome/outcome.ts';
import type { Inference } from '../../../../../shared/ports/inference.ts';
import { VirtualClock } from '../../../../../shared/time/virtual-clock.ts';
import { loadSeries, seriesEndMs, seriesStartMs, seriesStepMs } from '../../../../../simulators/data/series.ts';
import { inlineCompute } from '../../../../compute/inline-compute.ts';
import type { InputQuery } from '../../../serve/inputs.ts';
import { ForecastService } from '../../../serve/forecast-service.ts';
import { SqliteForecastStore } from '../../../serve/sqlite-forecast-store.ts';
import { forecastTasks } from '../../../serve/forecast-tasks.ts';
import { inlineInference } from '../../../../../shared/inference/inline-inference.ts';
import { modelId } from '../../bundle.ts';
import { SqliteModelRegistry } from '../../sqlite-model-registry.ts';
import type { ModelRegistry } from '../../registry.ts';
import { quietRollout } from '../../testing/quiet-rollout.ts';
import { ModelImport, type ImportOffer } from '../model-import.ts';
import { CONTEXT, type TransformerSize } from './patch-transformer.ts';
import { simpleAnswer, simpleModel, simplePlaces, simpleQuantiles, simpleRow } from './simple-models.ts';
import { trainedTransformer } from './train-transformer.ts';

const DAY_MS = 86_400_000;
export const NOW = seriesEndMs;
const target: ForecastTarget = { id: 'substation:hal', substation: 'hal', zone: 'Europe/Amsterdam', gateway: true };

const hal = loadSeries().find(({ id }) => id === 'hal')!;
/** Three months of the load and weather of HAL. */
export const halLoad: LoadSeries = { start: seriesStartMs, stepS: seriesStepMs / 1000, values: hal.netKw };
export const halWeather = { ghi: hal.radiationWm2, wind: hal.windSpeedMs };

const within = (values: Float64Array, { start, end }: InputQuery): (number | null)[] =>
  Array.from({ length: (end - start) / seriesStepMs }, (_, i) => {
    const value = values[(start - seriesStartMs) / seriesStepMs + i];
    return value === undefined || Number.isNaN(value) ? null : value;
  });

/** The importer on the real service, with three months of the shipped load of HAL. */
export function importRig(quarantine?: () => Inference, now = NOW) {
  const clock = new VirtualClock(now);
  const registry = new SqliteModelRegistry(':memory:');
  registry.open();
  const store = new SqliteForecastStore(':memory:');
  store.open();
  const inference = inlineInference(clock.machine);
  const forecasts = new ForecastService({
    clock,
    targets: [target, { ...target, id: 'feeder:hal-1', gateway: false }],
    load: { intervals: async (query) => ({ values: within(halLoad.values, query), substitution: null }) },
    weather: {
      intervals: async (query) => ({
        ghi: within(halWeather.ghi, query),
        wind: within(halWeather.wind, query),
        source: 'recorded',
        issuedAt: query.end,
        hindcast: true,
      }),
    },
    compute: inlineCompute(forecastTasks),
    inference,
    registry,
    store,
    everyS: 900,
    workers: 1,
    members: ['ridge'],
    rollout: quietRollout,
  });
  const importer = new ModelImport({
    clock,
    targets: [target, { ...target, id: 'feeder:hal-1', gateway: false }],
    registry,
    forecasts,
    quarantine: quarantine ?? (() => inlineInference(clock.machine)),
  });
  return {
    clock,
    registry,
    forecasts,
    importer,
    inference,
    close: () => (registry.close(), store.close(), inference.close()),
  };
}

type OfferManifest = ImportOffer['manifest'];

/** A simple model and its manifest. */
export const simpleOffer = (bytes = simpleModel(), over: Partial<OfferManifest> = {}, shiftKw = 0): ImportOffer => ({
  manifest: {
    target: target.id,
    role: 'gateway',
    name: 'simple',
    featureVersion: 1,
    stepS: 900,
    steps: 96,
    quantiles: [...simpleQuantiles],
    weather: 'none',
    trainedFrom: NOW - 80 * DAY_MS,
    trainedUpTo: NOW - 28 * DAY_MS,
    parity: { inputs: [simpleRow()], outputs: [simpleAnswer(simpleRow(), shiftKw)] },
    ...over,
  },
  bytes,
  by: 'anna',
  reason: 'a test',
});

/** The model written by Python (SOURCE.md). */
export function foreignOffer(): ImportOffer {
  const url = (ending: string): URL => new URL(`./foreign-hal.${ending}`, import.meta.url);
  const parsed = JSON.parse(readFileSync(url('json'), 'utf8'));
  const manifest = {
    ...parsed,
    trainedFrom: Date.parse(parsed.trainedFrom),
    trainedUpTo: Date.parse(parsed.trainedUpTo),
  };
  return { manifest, bytes: readFileSync(url('onnx')), by: 'anna', reason: 'trained in Python' };
}

/** Makes the mean of the week the active model of a place. */
export async function standIn(
  registry: ModelRegistry,
  role: 'cloud' | 'gateway' = 'gateway',
  now = NOW,
): Promise<string> {
  const { steps, quantiles, model } = simplePlaces[role];
  const bytes = model();
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { name: _name, role: _role, ...rest } = simpleOffer(bytes).manifest;
  const id = modelId({ target: target.id, role, createdAt: now - 28 * DAY_MS, sha256 });
  const step = { at: now - 28 * DAY_MS, by: 'test', reason: 'stands here' };
  unwrap(
    await registry.put(
      {
        role,
        bytes,
        manifest: {
          ...rest,
          parity: { ...rest.parity, tolerance: 1e-4 },
          id,
          steps,
          quantiles: [...quantiles],
          substation: 'hal',
          features: featureNames({ steps, stepS: 900, weather: false }),
          sha256,
          bytes: bytes.length,
          createdAt: step.at,
          expiresAt: now + 30 * DAY_MS,
          metrics: { window: '', nMae: 1, pinball: 1, coverage80: 1, seasonalNaiveNMae: 1, seasonalNaivePinball: 1 },
          members: { simple: 1 },
          outputRange: { minKw: -1e6, maxKw: 1e6 },
        },
      },
      { ...step, release: 'r0', evidence: { days: [] } },
    ),
  );
  unwrap(await registry.move(id, 'active', step));
  return id;
}

/** A patch transformer for the cloud, trained on data up to four weeks before `now`, and its manifest. */
export async function transformerOffer(
  size: TransformerSize,
  { stride = 19, now = NOW }: { readonly stride?: number; readonly now?: number } = {},
): Promise<ImportOffer> {
  const end = now - 28 * DAY_MS;
  const { onnx, parity } = await trainedTransformer({
    size,
    load: halLoad,
    weather: halWeather,
    zone: target.zone,
    to: (end - halLoad.start) / seriesStepMs,
    stride,
    levels: QUANTILES,
    seed: 7,
  });
  return {
    manifest: {
      target: target.id,
      role: 'cloud',
      name: 'patch-transformer',
      madeWith: 'train-transformer.ts',
      featureVersion: CONTEXT_VERSION,
      context: { length: CONTEXT.length, covariates: [...CONTEXT.covariates] },
      stepS: 900,
      steps: 192,
      quantiles: [...QUANTILES],
      weather: 'hindcast',
      trainedFrom: halLoad.start,
      trainedUpTo: end,
      parity: { inputs: [parity.input], outputs: [parity.output] },
    },
    bytes: onnx,
    by: 'anna',
    reason: 'a test',
  };
}
