import type { Alarm } from './core/alarm.ts';
import type { Announcement } from './core/figures.ts';

/** Changes of the desk since its last commit. */
export interface AlarmChanges {
  readonly put: readonly Alarm[];
  readonly remove: readonly number[];
  readonly announcements: readonly (Announcement & { readonly alarm: number })[];
  /** Id of the last event that the desk has applied. */
  readonly eventsUpTo: number;
  /** The id for the next alarm. */
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

/** The desk's alarms and their announcements, across restarts. */
export interface AlarmStore {
  /** `now` is plant time; the very first call starts the record of announcements. */
  load(now: number): Promise<StoredAlarms>;
  /** Atomic; durable once `synced` resolves. */
  commit(changes: AlarmChanges): Promise<void>;
  synced(): Promise<void>;
  /** Announcements in [from, to), oldest first. */
  announcements(from: number, to: number): Promise<Announcement[]>;
}
