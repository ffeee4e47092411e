import type { Network } from './network.ts';

/** Something that the canonical network cannot represent. */
export interface Omission {
  /** "bus 3", "gen 2", "branch 17 (4-9)" */
  readonly element: string;
  readonly field: string;
  readonly detail: string;
  /** True if a power flow on the network differs from one on the file because of it. */
  readonly changesResult: boolean;
}

export interface Imported {
  readonly network: Network;
  readonly omitted: readonly Omission[];
}
