import { meanOf } from '../reconcile/quantile-function.ts';
import { roundedKw } from './rounded-kw.ts';

/** The mean at each step of quantiles [level][step]. */
export const meansOf = (levels: readonly number[], values: readonly (readonly number[])[]): number[] =>
  Array.from({ length: values[0]?.length ?? 0 }, (_, step) =>
    roundedKw(
      meanOf(
        levels,
        values.map((row) => row[step]!),
      ),
    ),
  );
