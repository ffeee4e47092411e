import type { Moment } from './moment.ts';

export interface KeptMoment {
  readonly gateway: string;
  /** Plant time, ms UTC. */
  readonly at: number;
  readonly moment: Moment;
}

/** Moments of the substations, by their gateways. A loss of power may take the last ones. */
export interface MomentStore {
  put(moments: readonly KeptMoment[]): Promise<void>;
  /** The newest of a gateway in (after, at]. */
  newest(gateway: string, range: { readonly after: number; readonly at: number }): Promise<KeptMoment | undefined>;
}
