import type { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** A process of the cloud that has started. */
export interface RunningCloud {
  readonly url: string;
  /** Resolves where it can go on no more: it has to be stopped, and started anew. */
  readonly lost: Promise<LoadstoneError>;
  stop(): Promise<void>;
}
