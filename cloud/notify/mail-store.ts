import type { Told } from './mail-rules.ts';

export interface NewMail {
  readonly priority: number;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** A mail that waits; times are machine time. */
export interface WaitingMail extends NewMail {
  readonly number: number;
  readonly createdAt: number;
  readonly attempts: number;
}

/** Mails that wait for the mail server, and what was told of which alarm, over restarts. */
export interface MailStore {
  told(): Promise<readonly Told[]>;
  /** Keeps mails with what they tell, all or nothing. Beyond `most` the oldest of the least priority go. */
  add(change: {
    readonly mails: readonly NewMail[];
    readonly told: readonly Told[];
    readonly at: number;
    readonly most: number;
  }): Promise<void>;
  /** Of these alarms nothing needs to be known any more. */
  forget(alarms: readonly number[]): Promise<void>;
  /** Due by `now`, the most urgent first, then the oldest. */
  due(now: number, limit: number): Promise<readonly WaitingMail[]>;
  later(number: number, attempts: number, at: number): Promise<void>;
  /** It was sent, or given up. */
  done(number: number): Promise<void>;
  count(): Promise<number>;
}
