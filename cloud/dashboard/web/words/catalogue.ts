import type { EventWords } from '../../../../shared/sentences/event-forms.ts';
import type { Reader } from '../../../../shared/sentences/reader.ts';
import type { SentenceWords } from '../../../../shared/sentences/sentences.ts';
import type { ErrorCode } from '../../../../shared/outcome/catalogue.ts';

/** Codes of errors that the page shows. */
type ShownCode = Extract<
  ErrorCode,
  `LS-${'API' | 'DESK' | 'FORECAST' | 'INGEST' | 'JOB' | 'MODEL' | 'NOTIFY' | 'PLAYBACK' | 'SHIFT' | 'SIM' | 'STORE'}-${string}`
>;
/** A language that lacks one of them does not compile. */
export type ShownFaults = Readonly<Record<ShownCode, readonly [title: string, remedy: string]>>;

/** A language, by the English that it stands for. */
export interface Catalogue {
  /** Texts of the page. */
  readonly texts: Readonly<Record<string, string>>;
  /** What the cloud and the gateways tell, `{name}` for each value in it. */
  readonly told: Readonly<Record<string, string>>;
  /** Says what they tell in sentences that hold all their values; absent: English. */
  readonly say?: Reader;
  /** What plans, estimates and forecasts say; absent: English. */
  readonly sentences?: SentenceWords;
  /** What events and alarms say; absent: English. */
  readonly events?: EventWords;
  /** Errors by their code. */
  readonly faults: Partial<ShownFaults>;
}
