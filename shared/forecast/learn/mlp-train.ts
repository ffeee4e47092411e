import type { Random } from '../../ports/random.ts';
import type { Table } from './table.ts';
import { activationsOf, backward, forward, freshMlp, type Activations, type Mlp } from './mlp.ts';

/** A network with the scales of its inputs and its target. */
export interface FittedMlp {
  readonly mlp: Mlp;
  readonly levels: readonly number[];
  readonly inputMean: Float32Array;
  readonly inputScale: Float32Array;
  readonly targetMean: number;
  readonly targetScale: number;
  /** Each weight is a multiple of its column's scale and fits eight bits. */
  readonly int8?: boolean;
}

export interface MlpOptions {
  readonly levels: readonly number[];
  readonly hidden: readonly number[];
  /** Epochs over which the learning rate decays to zero. */
  readonly epochs: number;
  /** Most rows drawn per epoch. */
  readonly rowsPerEpoch: number;
  readonly rate: number;
  /** Share of each weight that a step subtracts, times the rate. */
  readonly decay: number;
  readonly random: Random;
  /** Continues from this network, with its scales, instead of a fresh one. */
  readonly start?: FittedMlp;
  /** Pull towards the start: adds half of this times the squared distance to the loss (FedProx; Li et al., 2020). Default 0. */
  readonly proximal?: number;
}

const BATCH = 256;
/** Inputs are clipped to this many deviations from their mean. */
export const REACH = 4;

/**
 * Trains a network on the pinball loss of all levels at once, by Adam with decoupled weight decay (Kingma and Ba, 2015; Loshchilov and
 * Hutter, 2019). The learning rate decays as half a cosine.
 */
export function trainMlp(table: Table, targets: Float64Array, options: MlpOptions): FittedMlp {
  const { levels, hidden, epochs, random, start, proximal = 0 } = options;
  const scales = start === undefined ? scalesOf(table, targets) : scalesIn(start);
  const mlp =
    start === undefined
      ? freshMlp([table.columns, ...hidden, levels.length], random)
      : { ...start.mlp, weights: start.mlp.weights.slice() };
  const anchor = proximal > 0 ? mlp.weights.slice() : undefined;
  const inputs = scaled(table, scales);
  const adam = new Adam(mlp.weights.length);
  const activations = activationsOf(mlp, BATCH);
  const gradient = new Float32Array(mlp.weights.length);
  const order = Int32Array.from({ length: table.rows }, (_, i) => i);
  const steps = Math.max(1, Math.floor(Math.min(options.rowsPerEpoch, table.rows) / BATCH));
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (let step = 0; step < steps; step++) {
      fillBatch(activations, { inputs, order, from: step * BATCH });
      const output = forward(mlp, activations);
      const deltas = activations.deltas.at(-1)!;
      for (let row = 0; row < BATCH; row++) {
        const target = (targets[order[(step * BATCH + row) % order.length]!]! - scales.targetMean) / scales.targetScale;
        for (const [q, level] of levels.entries()) {
          const at = row * levels.length + q;
          deltas[at] = slope(level, target - output[at]!) / BATCH;
        }
      }
      backward(mlp, activations, gradient);
      if (anchor !== undefined)
        for (const [i, weight] of mlp.weights.entries()) gradient[i]! += proximal * (weight - anchor[i]!);
      const done = (epoch * steps + step) / (epochs * steps);
      adam.step(mlp.weights, gradient, {
        rate: options.rate * (0.5 + 0.5 * Math.cos(Math.PI * done)),
        decay: options.decay,
      });
    }
  }
  return { mlp, levels, ...scales };
}

/** [row x level], unsorted. */
export function predictMlp(model: FittedMlp, table: Table): Float64Array {
  const { mlp, levels, targetMean, targetScale } = model;
  const inputs = scaled(table, model);
  const activations = activationsOf(mlp, BATCH);
  const out = new Float64Array(table.rows * levels.length);
  for (let from = 0; from < table.rows; from += BATCH) {
    const rows = Math.min(BATCH, table.rows - from);
    activations.values[0]!.set(inputs.values.subarray(from * table.columns, (from + rows) * table.columns));
    const output = forward(mlp, activations);
    for (let i = 0; i < rows * levels.length; i++)
      out[from * levels.length + i] = targetMean + targetScale * output[i]!;
  }
  return out;
}

/** Derivative of the loss by the forecast. Within a thousandth of a deviation of the target it is linear between its two values. */
function slope(level: number, error: number): number {
  const soft = 1e-3;
  if (error > soft) return -level;
  if (error < -soft) return 1 - level;
  return 0.5 - level - (0.5 * error) / soft;
}

function fillBatch(
  { values }: Activations,
  { inputs, order, from }: { inputs: Table; order: Int32Array; from: number },
): void {
  const { columns } = inputs;
  for (let row = 0; row < BATCH; row++) {
    const at = order[(from + row) % order.length]! * columns;
    values[0]!.set(inputs.values.subarray(at, at + columns), row * columns);
  }
}

type Scales = Omit<FittedMlp, 'mlp' | 'levels' | 'int8'>;

const scalesIn = ({ inputMean, inputScale, targetMean, targetScale }: FittedMlp): Scales => ({
  inputMean,
  inputScale,
  targetMean,
  targetScale,
});

function scalesOf({ rows, columns, values }: Table, targets: Float64Array): Scales {
  const inputMean = new Float32Array(columns);
  const inputScale = new Float32Array(columns);
  for (let column = 0; column < columns; column++) {
    const { mean, deviation } = moments(rows, (row) => values[row * columns + column]!);
    inputMean[column] = mean;
    inputScale[column] = deviation > 1e-6 * (1 + Math.abs(mean)) ? 1 / deviation : 0;
  }
  const { mean, deviation } = moments(rows, (row) => targets[row]!);
  return { inputMean, inputScale, targetMean: mean, targetScale: Math.max(1e-9, deviation) };
}

function moments(count: number, at: (i: number) => number): { mean: number; deviation: number } {
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const change = at(i) - mean;
    mean += change / (i + 1);
    squares += change * (at(i) - mean);
  }
  return { mean, deviation: Math.sqrt(squares / Math.max(1, count)) };
}

function scaled(
  { rows, columns, values }: Table,
  { inputMean, inputScale }: Pick<FittedMlp, 'inputMean' | 'inputScale'>,
): Table {
  const out = new Float32Array(values.length);
  for (let row = 0, i = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, i++) {
      const value = (values[i]! - inputMean[column]!) * inputScale[column]!;
      out[i] = value > REACH ? REACH : value < -REACH ? -REACH : value;
    }
  return { rows, columns, values: out };
}

function shuffle(order: Int32Array, random: Random): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
}

class Adam {
  readonly #mean: Float32Array;
  readonly #square: Float32Array;
  #steps = 0;

  constructor(size: number) {
    this.#mean = new Float32Array(size);
    this.#square = new Float32Array(size);
  }

  step(weights: Float32Array, gradient: Float32Array, { rate, decay }: { rate: number; decay: number }): void {
    const mean = this.#mean;
    const square = this.#square;
    this.#steps++;
    const meanShare = 1 - 0.9 ** this.#steps;
    const squareShare = 1 - 0.999 ** this.#steps;
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i]!;
      mean[i] = 0.9 * mean[i]! + 0.1 * g;
      square[i] = 0.999 * square[i]! + 0.001 * g * g;
      const move = mean[i]! / meanShare / (Math.sqrt(square[i]! / squareShare) + 1e-8);
      weights[i]! -= rate * (move + decay * weights[i]!);
    }
  }
}
