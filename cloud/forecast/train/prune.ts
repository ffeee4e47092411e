import { HOURS } from './hour-member.ts';
import type { PooledFit } from './pooled-member.ts';
import type { FittedMlp } from '../../../shared/forecast/learn/mlp-train.ts';

/**
 * A smaller fit: for boosting the first trees of each quantile, which contribute most; for the network the hidden units with the largest
 * weights. It removes whole units, because zeros do not speed up a dense matrix product. `share`: of trees, or of the units of each hidden
 * layer, above 0, at most 1; at least one remains.
 */
export function pruned(fit: PooledFit, share: number): PooledFit {
  switch (fit.kind) {
    case 'mlp':
      return { ...fit, fitted: withUnits(fit.fitted, share) };
    case 'boosting': {
      const fewer = ({ trees }: (typeof fit.models)[number]) => trees.slice(0, remaining(trees.length, share));
      return { ...fit, models: fit.models.map((model) => ({ ...model, trees: fewer(model) })) };
    }
    case 'hours':
    case 'dayBefore':
      return fit;
  }
}

const remaining = (count: number, share: number): number => Math.max(1, Math.ceil(count * share));

/** Trees of all quantiles, or hidden units; for the hourly member its hours, which are never pruned. */
export function partsOf(fit: PooledFit): number {
  switch (fit.kind) {
    case 'mlp':
      return fit.fitted.mlp.sizes.slice(1, -1).reduce((sum, size) => sum + size, 0);
    case 'boosting':
      return fit.models.reduce((sum, { trees }) => sum + trees.length, 0);
    case 'hours':
      return HOURS;
    case 'dayBefore':
      return 1;
  }
}

/** A unit ranks by the norm of its incoming weights times that of its outgoing ones. Inputs are standardised, so this bounds its effect. */
function withUnits(fitted: FittedMlp, share: number): FittedMlp {
  const { sizes, weights } = fitted.mlp;
  const layers = sizes.slice(1).map((to, layer) => ({ from: sizes[layer]!, to }));
  const starts: number[] = [];
  let at = 0;
  for (const { from, to } of layers) {
    starts.push(at);
    at += (from + 1) * to;
  }
  const weight = (layer: number, from: number, to: number): number =>
    weights[starts[layer]! + from * layers[layer]!.to + to]!;
  const lengthOf = (count: number, of: (i: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += of(i) ** 2;
    return Math.sqrt(sum);
  };
  const units = sizes.map((size, layer) => {
    const all = Array.from({ length: size }, (_, unit) => unit);
    if (layer === 0 || layer === sizes.length - 1) return all;
    const says = all.map(
      (unit) =>
        lengthOf(layers[layer - 1]!.from + 1, (i) => weight(layer - 1, i, unit)) *
        lengthOf(layers[layer]!.to, (i) => weight(layer, unit, i)),
    );
    return all
      .toSorted((a, b) => says[b]! - says[a]!)
      .slice(0, remaining(size, share))
      .toSorted((a, b) => a - b);
  });
  const next: number[] = [];
  for (const [layer, { from }] of layers.entries()) {
    // The row after the inputs holds the biases.
    for (const input of [...units[layer]!, from])
      for (const unit of units[layer + 1]!) next.push(weight(layer, input, unit));
  }
  return { ...fitted, mlp: { sizes: units.map(({ length }) => length), weights: Float32Array.from(next) } };
}
