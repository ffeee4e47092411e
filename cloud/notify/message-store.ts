import type { Told } from './notify-rules.ts';

export interface Message {
  readonly priority: number;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** A message that waits; times are machine time. */
export interface WaitingMessage extends Message {
  readonly number: number;
  readonly createdAt: number;
  readonly attempts: number;
}

/** Messages that wait to be sent, and what was told of which alarm, over restarts. Each channel knows its own alone. */
export interface MessageStore {
  told(channel: string): Promise<readonly Told[]>;
  /** Keeps messages with what they tell, all or nothing. Beyond `most` of the channel the oldest of the least priority go. */
  add(change: {
    readonly channel: string;
    readonly messages: readonly Message[];
    readonly told: readonly Told[];
    readonly at: number;
    readonly most: number;
  }): Promise<void>;
  /** Of these alarms nothing needs to be known any more. */
  forget(channel: string, alarms: readonly number[]): Promise<void>;
  /** Due by `now`, the most urgent first, then the oldest. */
  due(channel: string, now: number, limit: number): Promise<readonly WaitingMessage[]>;
  /** When the next of those that wait is due, machine time; undefined: none waits. */
  nextDue(channel: string): Promise<number | undefined>;
  later(number: number, attempts: number, at: number): Promise<void>;
  /** It was sent, or given up. */
  done(number: number): Promise<void>;
  count(channel: string): Promise<number>;
  /** Of any other channel nothing is kept; of none, where none is named. */
  retain(channels: readonly string[]): Promise<void>;
}
