import type { MemberName } from './ensemble.ts';

/** Mean pinball loss of a member at one quantile over the held-back window, kW, as trained and as shipped. */
export interface QuantileLoss {
  readonly level: number;
  readonly beforeKw: number;
  readonly afterKw: number;
}

/** A member that is shipped smaller than it was trained. */
export interface Reduction {
  readonly member: MemberName;
  readonly how: 'pruned' | 'int8';
  readonly quantiles: readonly QuantileLoss[];
}
