import { freshMlp, weightCount, type Mlp } from '../forecast/learn/mlp.ts';
import { predictMlp, trainMlp, type FittedMlp } from '../forecast/learn/mlp-train.ts';
import { GATEWAY_QUANTILES } from '../forecast/quantiles.ts';
import { SeededRandom, type Random } from '../ports/random.ts';
import { COLUMNS, scaleFreeTable, type ScaleFreeSample } from './scale-free.ts';

/** The network that all gateways share. It maps scale-free rows to the quantiles of a gateway's forecast, in scales above the base. */
export const NETWORK_SIZES: readonly number[] = [COLUMNS, 48, 24, GATEWAY_QUANTILES.length];
export const NETWORK_WEIGHTS = weightCount(NETWORK_SIZES);

/** The initial network, before any training; the same for the same seed. */
export const freshNetwork = (seed: number): Float32Array =>
  freshMlp(NETWORK_SIZES, new SeededRandom(seed, 'federated')).weights;

/** The rows are already scaled. */
export const fittedOf = (weights: Float32Array): FittedMlp => ({
  mlp: { sizes: NETWORK_SIZES, weights } satisfies Mlp,
  levels: GATEWAY_QUANTILES,
  inputMean: new Float32Array(COLUMNS),
  inputScale: new Float32Array(COLUMNS).fill(1),
  targetMean: 0,
  targetScale: 1,
});

/** Settings of one gateway's training in a round. */
export interface FineTuneOptions {
  readonly epochs: number;
  readonly rowsPerEpoch: number;
  readonly rate: number;
  /** Pull towards the base (FedProx; Li et al., 2020); 0 is FedAvg's plain local training. */
  readonly proximal: number;
  readonly random: Random;
}

/**
 * Continues training on rows of one place: pinball loss of all quantiles, Adam. Without rows the network stays as it is. The learning rate
 * decays to zero within the call.
 */
export function fineTune(
  base: Float32Array,
  { table, targets }: ScaleFreeSample,
  options: FineTuneOptions,
): Float32Array {
  if (table.rows === 0) return base.slice();
  const start = fittedOf(base);
  const fitted = trainMlp(table, targets, { ...options, levels: GATEWAY_QUANTILES, hidden: [], decay: 0, start });
  return fitted.mlp.weights;
}

/** Quantiles of one whole feature row, [step x level] step-major, kW, ascending. */
export function predictNetwork(
  weights: Float32Array,
  row: Float32Array,
  schema: { readonly steps: number; readonly stepS: number },
): Float64Array {
  const quantiles = rawQuantiles(weights, row, schema);
  const count = GATEWAY_QUANTILES.length;
  for (let step = 0; step < schema.steps; step++) quantiles.subarray(step * count, (step + 1) * count).sort();
  return quantiles;
}

/** The quantiles before sorting, as the exported graph returns them. */
export function rawQuantiles(
  weights: Float32Array,
  row: Float32Array,
  schema: { readonly steps: number; readonly stepS: number },
): Float64Array {
  const { table, scale, baseKw } = scaleFreeTable(row, schema);
  const count = GATEWAY_QUANTILES.length;
  return predictMlp(fittedOf(weights), table).map((value, i) => baseKw[Math.floor(i / count)]! + scale.scaleKw * value);
}
