import type { NodeRecord } from './births.ts';

/** The births of one edge node, as persisted. */
export interface StoredBirth {
  readonly gateway: string;
  /** In a commit, holds only the devices whose births are new. */
  readonly record: NodeRecord;
}

/** The births of every edge node across restarts: aliases stay known when a gateway's session outlives the cloud's process. */
export interface BirthStore {
  /** Ordered by gateway and device. */
  load(): Promise<StoredBirth[]>;
  /** Replaces the stored node and the devices in each record, all of them or none. */
  commit(births: readonly StoredBirth[]): Promise<void>;
}
