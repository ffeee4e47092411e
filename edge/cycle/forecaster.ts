import type { Frame } from '../../shared/contracts/frame.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import type { HealthReport } from '../../shared/contracts/report.ts';
import type { LocalForecast } from '../forecast/local-forecaster.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import type { Outcome } from '../../shared/outcome/outcome.ts';

/** What the cycle needs of the gateway's own forecast; without one it runs as well. */
export interface ForecasterPort {
  start(): void;
  stop(): Promise<void>;
  observe(frame: Frame): void;
  /** The bytes of a model are on their way. */
  fetching(): void;
  offer(manifest: ModelManifest, bytes: Uint8Array): Promise<Outcome<unknown>>;
  /** Runs a model unheard beside the one that answers. */
  offerBeside(manifest: ModelManifest, bytes: Uint8Array): Promise<Outcome<unknown>>;
  alone(): Promise<void>;
  latest(): LocalForecast | undefined;
  state(): HealthReport['model'];
  /** What is known of the load, to be persisted, and to be given back after a restart. */
  snapshot(): LoadSeries;
  seed(history: LoadSeries): void;
}
