import type { NodeRecord } from './births.ts';

/** What an edge node's session said at its birth, as it is persisted. */
export interface StoredBirth {
  readonly gateway: string;
  /** Where it is committed: with the devices alone whose births are new. */
  readonly record: NodeRecord;
}

/** The births of every edge node, over restarts: aliases stay known while a gateway's session outlives the cloud's. */
export interface BirthStore {
  /** By gateway and device. */
  load(): Promise<StoredBirth[]>;
  /** Each in place of what was kept of its node and of the devices that it holds: all of them or none. */
  commit(births: readonly StoredBirth[]): Promise<void>;
}
