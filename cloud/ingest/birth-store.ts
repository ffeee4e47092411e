import type { NodeRecord } from './births.ts';

/** What an edge node's session said at its birth, as it is persisted. */
export interface KeptBirth {
  readonly gateway: string;
  readonly record: NodeRecord;
}

/** The births of every edge node, over restarts: aliases stay known while a gateway's session outlives the cloud's. */
export interface BirthStore {
  /** By gateway. */
  load(): Promise<KeptBirth[]>;
  /** Each in place of what was kept of its gateway: all of them or none. */
  commit(births: readonly KeptBirth[]): Promise<void>;
}
