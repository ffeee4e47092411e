import type { Alarm } from './core/alarm.ts';
import type { Told } from './core/figures.ts';

/** What a turn of the desk leaves behind. */
export interface AlarmChanges {
  readonly put: readonly Alarm[];
  readonly remove: readonly number[];
  readonly told: readonly (Told & { readonly alarm: number })[];
  /** Id of the last event that the desk has taken. */
  readonly eventsUpTo: number;
  /** The id that the next alarm gets. */
  readonly nextId: number;
}

export interface KeptAlarms {
  /** By id. */
  readonly alarms: readonly Alarm[];
  /** Undefined before the first commit. */
  readonly eventsUpTo: number | undefined;
  readonly nextId: number;
  /** Since when alarms have been told, ms UTC of plant time. */
  readonly since: number;
}

/** The desk's alarms and when each was told, over restarts. */
export interface AlarmStore {
  /** `now` is plant time: on the first start of all alarms are told from then on. */
  load(now: number): Promise<KeptAlarms>;
  /** All of it or nothing; on the medium once `synced` resolves. */
  commit(changes: AlarmChanges): Promise<void>;
  synced(): Promise<void>;
  /** What was told in [from, to), oldest first. */
  told(from: number, to: number): Promise<Told[]>;
  /** What was told before is forgotten. */
}
