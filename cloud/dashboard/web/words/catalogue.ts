import type { EventWords } from '../../../../shared/sentences/event-forms.ts';
import type { Reader } from '../../../../shared/sentences/reader.ts';
import type { SentenceWords } from '../../../../shared/sentences/sentences.ts';
import type { ErrorCode } from '../../../../shared/outcome/catalogue.ts';

/** Error codes that the page shows. */
type ShownCode = Extract<
  ErrorCode,
  `LS-${'API' | 'DESK' | 'FORECAST' | 'INGEST' | 'JOB' | 'MODEL' | 'NOTIFY' | 'PLAYBACK' | 'SHIFT' | 'SIM' | 'STORE'}-${string}`
>;
/** A language without one of them does not compile. */
export type ShownFaults = Readonly<Record<ShownCode, readonly [title: string, remedy: string]>>;

/** A language's texts, keyed by the English ones. */
export interface Catalogue {
  /** Texts of the page. */
  readonly texts: Readonly<Record<string, string>>;
  /** Texts of the cloud and the gateways, with `{name}` for each value. */
  readonly phrases: Readonly<Record<string, string>>;
  /** Translates their sentences with values filled in; absent for English. */
  readonly say?: Reader;
  /** Sentences of plans, estimates and forecasts; absent for English. */
  readonly sentences?: SentenceWords;
  /** Sentences of events and alarms; absent for English. */
  readonly events?: EventWords;
  /** Errors by code. */
  readonly faults: Partial<ShownFaults>;
}
