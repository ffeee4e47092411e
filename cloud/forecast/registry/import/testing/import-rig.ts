import type { ForecastTarget } from '../../forecast-target.ts';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { featureNames } from '../../../../../shared/forecast/features.ts';
import { unwrap } from '../../../../../shared/outcome/outcome.ts';
import type { Inference } from '../../../../../shared/ports/inference.ts';
import { VirtualClock } from '../../../../../shared/time/virtual-clock.ts';
import { loadSeries, seriesEndMs, seriesStartMs, seriesStepMs } from '../../../../../simulators/data/series.ts';
import { inlineCompute } from '../../../../compute/inline-compute.ts';
import { ForecastService } from '../../../serve/forecast-service.ts';
import { SqliteForecastStore } from '../../../serve/sqlite-forecast-store.ts';
import { forecastTasks } from '../../../serve/forecast-tasks.ts';
import { inlineInference } from '../../../../../shared/inference/inline-inference.ts';
import { modelId } from '../../bundle.ts';
import { SqliteModelRegistry } from '../../sqlite-model-registry.ts';
import type { ModelRegistry } from '../../registry.ts';
import { quietRollout } from '../../testing/quiet-rollout.ts';
import { ModelImport, type ImportOffer } from '../model-import.ts';
import { simpleAnswer, simpleModel, simpleQuantiles, simpleRow } from './simple-models.ts';

const DAY_MS = 86_400_000;
export const NOW = seriesEndMs;
const target: ForecastTarget = { id: 'substation:hal', substation: 'hal', zone: 'Europe/Amsterdam', gateway: true };

/** The importer over the real service, on three months of the shipped load of HAL. */
export function importRig(quarantine?: () => Inference) {
  const clock = new VirtualClock(NOW);
  const { netKw } = loadSeries().find(({ id }) => id === 'hal')!;
  const registry = new SqliteModelRegistry(':memory:');
  registry.open();
  const store = new SqliteForecastStore(':memory:');
  store.open();
  const inference = inlineInference(clock.machine);
  const forecasts = new ForecastService({
    clock,
    targets: [target, { ...target, id: 'feeder:hal-1', gateway: false }],
    load: {
      intervals: async ({ start, end }) => ({
        values: Array.from({ length: (end - start) / seriesStepMs }, (_, i) => {
          const value = netKw[(start - seriesStartMs) / seriesStepMs + i];
          return value === undefined || Number.isNaN(value) ? null : value;
        }),
        substitution: null,
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
  return { clock, registry, forecasts, importer, close: () => (registry.close(), store.close(), inference.close()) };
}

type OfferManifest = ImportOffer['manifest'];

/** A simple model and what is said of it. */
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

/** The model that Python wrote (SOURCE.md). */
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

/** The mean of the week answers at the gateway. */
export async function standIn(registry: ModelRegistry): Promise<string> {
  const bytes = simpleModel();
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { manifest } = simpleOffer(bytes);
  const { name: _name, role, ...rest } = manifest;
  const id = modelId({ target: target.id, role, createdAt: NOW - 28 * DAY_MS, sha256 });
  const step = { at: NOW - 28 * DAY_MS, by: 'test', reason: 'stands here' };
  unwrap(
    await registry.put(
      {
        role,
        bytes,
        manifest: {
          ...rest,
          parity: { ...rest.parity, tolerance: 1e-4 },
          id,
          substation: 'hal',
          features: featureNames({ steps: 96, stepS: 900, weather: false }),
          sha256,
          bytes: bytes.length,
          createdAt: step.at,
          expiresAt: NOW + 30 * DAY_MS,
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
