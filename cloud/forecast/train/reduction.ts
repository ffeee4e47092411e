import type { MemberName } from './ensemble.ts';

/** Mean pinball loss of a member at one quantile over the window that was held back, kW, as it was trained and as it is shipped. */
export interface QuantileLoss {
  readonly level: number;
  readonly beforeKw: number;
  readonly afterKw: number;
}

/** A member that is shipped with less than it was trained with. */
export interface Reduction {
  readonly member: MemberName;
  readonly how: 'pruned' | 'int8';
  readonly quantiles: readonly QuantileLoss[];
}
