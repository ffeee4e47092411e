import type { WeatherBody } from '../../shared/contracts/document.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import type { HealthReport } from '../../shared/contracts/report.ts';
import type { LocalForecast } from '../forecast/local-forecaster.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import type { Outcome } from '../../shared/outcome/outcome.ts';

/** What the cycle needs from the gateway's own forecast, which is optional. */
export interface ForecasterPort {
  start(): void;
  stop(): Promise<void>;
  observe(frame: Frame): void;
  /** Takes the temperature that the cloud sends, in place of what it sent before. */
  weather(body: WeatherBody): void;
  /** The bytes of a model are being fetched. */
  fetching(): void;
  offer(manifest: ModelManifest, bytes: Uint8Array): Promise<Outcome<unknown>>;
  /** Runs a model in shadow beside the active one. */
  offerBeside(manifest: ModelManifest, bytes: Uint8Array): Promise<Outcome<unknown>>;
  alone(): Promise<void>;
  latest(): LocalForecast | undefined;
  state(): HealthReport['model'];
  /** The known load history: persisted, and seeded again after a restart. */
  snapshot(): LoadSeries;
  seed(history: LoadSeries): void;
}
