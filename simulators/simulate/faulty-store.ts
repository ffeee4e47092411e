import type { TelemetryStore } from '../../cloud/telemetry/store.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Random } from '../../shared/ports/random.ts';

/** Current faults of a run's store; they persist over a restart of the cloud. */
export interface StoreFaults {
  down: boolean;
  /** Share of writes that fail: half are not written, for the other half only the answer is lost. */
  flakyShare: number;
}

/** A store that does not answer, or whose answers get lost. */
export function faultyStore(inner: TelemetryStore, faults: StoreFaults, random: Random): TelemetryStore {
  const check = (): void => {
    if (faults.down) throw new LoadstoneError('LS-STORE-001', 'the store does not answer');
  };
  const answerLost = (): boolean => faults.flakyShare > 0 && random.next() < faults.flakyShare / 2;
  return {
    open: () => inner.open(),
    close: () => inner.close(),
    write: async (points) => {
      check();
      if (answerLost()) throw new LoadstoneError('LS-STORE-001', 'the store refused the connection');
      await inner.write(points);
      if (answerLost()) throw new LoadstoneError('LS-STORE-001', 'the response of the store was lost');
    },
    read: async (query) => {
      check();
      return inner.read(query);
    },
    intervals: async (query) => {
      check();
      return inner.intervals(query);
    },
    latest: async (query) => {
      check();
      return inner.latest(query);
    },
  };
}
