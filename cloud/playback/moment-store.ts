import type { Moment } from './moment.ts';

export interface RecordedMoment {
  readonly gateway: string;
  /** Plant time, ms UTC. */
  readonly at: number;
  readonly moment: Moment;
}

/** Recorded moments of substations, keyed by gateway. A power loss may take the most recent ones. */
export interface MomentStore {
  put(moments: readonly RecordedMoment[]): Promise<void>;
  /** Returns the newest moment of a gateway in (after, at]. */
  newest(gateway: string, range: { readonly after: number; readonly at: number }): Promise<RecordedMoment | undefined>;
}
