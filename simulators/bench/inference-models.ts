import { ensembleGraph } from '../../cloud/forecast/registry/ensemble-graph.ts';
import { memberNames, predictEnsemble, WEIGHT_GROUPS, type Ensemble } from '../../cloud/forecast/train/ensemble.ts';
import { pruned } from '../../cloud/forecast/train/prune.ts';
import { quantizedMlp } from '../../cloud/forecast/train/quantize.ts';
import { headOf, trainPooled, type PooledFit, type PooledKind } from '../../cloud/forecast/train/pooled-member.ts';
import {
  CONTEXT,
  PATCH,
  patchTransformer,
  seenBy,
  SMALL,
  STEPS as HORIZON,
  TINY,
} from '../../cloud/forecast/registry/import/testing/patch-transformer.ts';
import { trainRidge } from '../../cloud/forecast/train/ridge-member.ts';
import type { MemberBlend } from '../../shared/contracts/model.ts';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import { ContextSource } from '../../shared/forecast/context.ts';
import { FeatureSource, type WeatherSeries } from '../../shared/forecast/features.ts';
import type { BlendShape } from '../../shared/forecast/member-blend.ts';
import { GATEWAY_QUANTILES, QUANTILES } from '../../shared/forecast/quantiles.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import { openOnnxSession } from '../../shared/inference/onnx-session.ts';

/** A model to time: its bytes, an input row, and the trained members' own answer. */
export interface TimedModel {
  readonly name: string;
  readonly onnx: Uint8Array;
  readonly row: Float32Array;
  readonly expected: ArrayLike<number>;
  /** Weights that combine the members' outputs, when the cloud runs a blend; absent for models that return one answer. */
  readonly blend: MemberBlend | undefined;
  readonly shape: BlendShape;
}

interface Place {
  readonly name: string;
  readonly steps: number;
  readonly levels: readonly number[];
  readonly weather?: WeatherSeries;
}

const ZONE = 'Europe/Amsterdam';
/** Errors that give the quantiles their shape; they do not affect the run time. */
const SPREAD = 400;

/**
 * Every kind of model that cloud and gateway run, in the sizes that training produces: the linear member alone, with trees, with the
 * network, and all three; the network in float32 and in eight bits; and each with half of its trees or hidden units.
 */
export function* timedModels(load: LoadSeries, weather: WeatherSeries): Generator<TimedModel> {
  const places: readonly Place[] = [
    { name: 'cloud', steps: 192, levels: QUANTILES, weather },
    { name: 'gateway', steps: 96, levels: GATEWAY_QUANTILES },
  ];
  for (const place of places) {
    const schema = { steps: place.steps, stepS: load.stepS, weather: place.weather !== undefined };
    const source = new FeatureSource(schema, load, new LocalCalendar(ZONE), place.weather);
    const ridge = trainRidge({
      load,
      schema,
      zone: ZONE,
      levels: place.levels,
      ...(place.weather && { weather: place.weather }),
    });
    const fitted = (kind: PooledKind): PooledFit =>
      trainPooled(kind, source, { values: load.values, end: load.values.length - place.steps, ridge });
    const [boosting, mlp] = [fitted('boosting'), fitted('mlp')];
    const row = source.row(load.values.length - place.steps);
    const model = (name: string, fits: readonly PooledFit[]): TimedModel => {
      const ensemble = blended(ridge, source, fits);
      const withMembers = place.name === 'cloud' && fits.length > 0;
      const shares = [{ to: place.steps, weights: ensemble.weights[0]! }];
      return {
        name: `${place.name}-${name}`,
        onnx: ensembleGraph(ensemble, { withMembers }),
        row,
        expected: predictEnsemble(ensemble, row),
        blend: withMembers ? { members: memberNames(ensemble), groups: shares } : undefined,
        shape: { steps: place.steps, quantiles: place.levels },
      };
    };
    const small = mlp.kind === 'mlp' ? { ...mlp, fitted: quantizedMlp(mlp.fitted) } : mlp;
    yield model('ridge-fp32', []);
    yield model('boosting-fp32', [boosting]);
    yield model('mlp-fp32', [mlp]);
    yield model('mlp-int8', [small]);
    yield model('boosting-half', [pruned(boosting, 0.5)]);
    yield model('mlp-half', [pruned(mlp, 0.5)]);
    yield model('blend-fp32', [boosting, mlp]);
    yield model('blend-int8', [boosting, small]);
  }
}

/**
 * Models of raw history with random weights, since their cost does not depend on training. `TINY` matches Chronos-Bolt tiny. Their only
 * baseline is a bare session.
 */
export async function* historyModels(load: LoadSeries, weather: WeatherSeries): AsyncGenerator<TimedModel> {
  const schema = { steps: HORIZON, stepS: load.stepS, context: CONTEXT };
  const row = new ContextSource(schema, load, new LocalCalendar(ZONE), weather).row(load.values.length - HORIZON);
  for (const [name, size] of [
    ['context-fp32', SMALL],
    ['context-9m-int8', TINY],
  ] as const) {
    const head = {
      matrix: new Float32Array(seenBy(size) * PATCH),
      spread: new Float32Array(HORIZON * QUANTILES.length),
      quantiles: QUANTILES.length,
    };
    const { onnx } = patchTransformer(size, 7, head);
    const session = await openOnnxSession(onnx);
    const expected = await session.run(row, 1);
    await session.release();
    const shape = { steps: HORIZON, quantiles: QUANTILES };
    yield { name: `cloud-${name}`, onnx, row, expected, blend: undefined, shape };
  }
}

/** Blends the members in equal shares. */
function blended(ridge: Ensemble['ridge'], layout: FeatureSource, fits: readonly PooledFit[]): Ensemble {
  const raw = Array.from({ length: 600 }, (_, i) => ((i % 3) - 1) * SPREAD);
  const left = Array.from({ length: 200 }, (_, i) => SPREAD * (i / 100 - 1));
  const pooled = fits.map((fit) => ({ fit, head: headOf(raw, left, ridge.levels) }));
  const share = 1 / (fits.length + 1);
  const weights = Array.from({ length: WEIGHT_GROUPS }, () => Array.from({ length: fits.length + 1 }, () => share));
  return { ridge, layout, pooled, weights };
}
