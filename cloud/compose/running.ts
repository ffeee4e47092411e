import type { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** A cloud process that has started. */
export interface RunningCloud {
  readonly url: string;
  /** Resolves when the process cannot go on: it must be stopped and restarted. */
  readonly lost: Promise<LoadstoneError>;
  stop(): Promise<void>;
}
