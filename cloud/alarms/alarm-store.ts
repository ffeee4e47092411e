import type { Alarm } from './core/alarm.ts';
import type { Announcement } from './core/figures.ts';

/** What a turn of the desk leaves behind. */
export interface AlarmChanges {
  readonly put: readonly Alarm[];
  readonly remove: readonly number[];
  readonly announcements: readonly (Announcement & { readonly alarm: number })[];
  /** Id of the last event that the desk has taken. */
  readonly eventsUpTo: number;
  /** The id that the next alarm gets. */
  readonly nextId: number;
}

export interface StoredAlarms {
  /** By id. */
  readonly alarms: readonly Alarm[];
  /** Undefined before the first commit. */
  readonly eventsUpTo: number | undefined;
  readonly nextId: number;
  /** Start of the record of announcements, ms UTC of plant time. */
  readonly since: number;
}

/** The desk's alarms and their announcements, over restarts. */
export interface AlarmStore {
  /** `now` is plant time. On the very first start announcements are recorded from then on. */
  load(now: number): Promise<StoredAlarms>;
  /** All of it or nothing; on the medium once `synced` resolves. */
  commit(changes: AlarmChanges): Promise<void>;
  synced(): Promise<void>;
  /** Announcements in [from, to), oldest first. */
  announcements(from: number, to: number): Promise<Announcement[]>;
  /** Removes earlier announcements. */
}
