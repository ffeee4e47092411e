import type { Notification } from './notify-rules.ts';

export interface Message {
  readonly priority: number;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** A waiting message; times are machine time. */
export interface WaitingMessage extends Message {
  readonly number: number;
  readonly createdAt: number;
  readonly attempts: number;
}

/** Waiting messages and notified alarms, across restarts. Channels are independent. */
export interface MessageStore {
  notified(channel: string): Promise<readonly Notification[]>;
  /** Stores messages with the alarms they cover, atomically. Beyond `most` of the channel, drops the oldest of the lowest priority. */
  add(change: {
    readonly channel: string;
    readonly messages: readonly Message[];
    readonly notified: readonly Notification[];
    readonly at: number;
    readonly most: number;
  }): Promise<void>;
  /** Deletes what is known of these alarms. */
  forget(channel: string, alarms: readonly number[]): Promise<void>;
  /** Messages due by `now`, most urgent first, then oldest first. */
  due(channel: string, now: number, limit: number): Promise<readonly WaitingMessage[]>;
  /** When the next waiting message is due, machine time; undefined: none waits. */
  nextDue(channel: string): Promise<number | undefined>;
  later(number: number, attempts: number, at: number): Promise<void>;
  /** Deletes a message that was sent or given up. */
  done(number: number): Promise<void>;
  count(channel: string): Promise<number>;
  /** Deletes everything of other channels, or all if the list is empty. */
  retain(channels: readonly string[]): Promise<void>;
}
