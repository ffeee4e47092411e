import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { ChannelView, TestMessageView } from '../../shared/contracts/notify.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Channel, Sent, TestText } from './channel.ts';
import type { Message, MessageStore, WaitingMessage } from './message-store.ts';
import type { Notification } from './notify-rules.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

export interface OutboxOptions {
  readonly channel: Channel;
  readonly clock: Clock;
  readonly store: MessageStore;
  /** Reports one of the cloud's own events. */
  readonly report: (event: LoadstoneEvent) => void;
}

const AT_ONCE = 4;
/** Maximum number of waiting messages per channel. */
const MOST_WAITING = 200;
/** Waits after each failed attempt, s; the last one repeats until the message is a day old. */
const WAITS_S = [5, 10, 30, 60, 120, 300, 600];
const GIVEN_UP_MS = 24 * 3_600_000;
/** Longest interval between looks, because an answer of the store may have been lost. */
const LOOK_MS = 60_000;
/** The same wait for messages that the store could not take, s. */
const UNSTORED_WAIT_S = 30;

/** Outgoing messages of a channel: retries each until it is accepted or a day old. */
export class Outbox {
  readonly #options: OutboxOptions;
  /** Sent messages that the store still lists as waiting. */
  readonly #left = new Set<number>();
  /** Nothing is due before this time. */
  #nextDueAt = -Infinity;
  /** When messages that the store could not take are retried. */
  #unstoredRetryAt = -Infinity;
  /** Their ids, and whether each was sent. */
  readonly #unstored = new Map<string, { readonly id: string; hasLeft: boolean }>();
  #sentAt: number | null = null;
  /** Standing faults by recipient, so that messages that reach others do not end them. */
  readonly #faults = new Map<string, string>();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  async view(): Promise<Pick<ChannelView, 'waiting' | 'sentAt' | 'fault'>> {
    const { store, channel } = this.#options;
    const fault = this.#faults.size === 0 ? null : [...new Set(this.#faults.values())].join('; ');
    return { waiting: await store.count(channel.name), sentAt: this.#sentAt, fault };
  }

  /** Sends to all recipients at once; unreachable ones do not stop the others. Throws the channel's fault, naming each failure. */
  async test(test: TestText): Promise<TestMessageView> {
    const { channel, clock } = this.#options;
    const at = clock.machine.now();
    const groups = channel.groups([...channel.to, ...channel.escalateTo]);
    const tried = await Promise.allSettled(
      groups.map(async ({ language, to }, n) => {
        const text = channel.writeTest(test, { language, at });
        return channel.send({ priority: 3, to, ...text }, `test-${Math.round(at)}-${n}`);
      }),
    );
    const failed: string[] = [];
    const sent: Sent[] = [];
    for (const [n, each] of tried.entries()) {
      const { to } = groups[n]!;
      if (each.status === 'rejected') failed.push(`${to.join(', ')}: ${said(each.reason)}`);
      else sent.push(each.value);
      if (each.status === 'rejected') this.#answered(to, to, failed.at(-1)!);
      else this.#accepted(to, each.value);
    }
    if (failed.length > 0) throw new LoadstoneError(channel.fault, failed.join('; '));
    return {
      accepted: sent.flatMap(({ accepted }) => accepted),
      rejected: sent.flatMap(({ rejected }) => rejected),
      response: [...new Set(sent.map(({ response }) => response))].join('; '),
    };
  }

  /**
   * Stores messages with the alarms they cover. A full disk is itself worth a notification: messages that cannot be stored are sent at
   * once, and the store's error is returned. Throws it if a message cannot be sent either.
   */
  async add(messages: readonly Message[], notified: readonly Notification[]): Promise<unknown> {
    const { store, channel, clock } = this.#options;
    const at = clock.machine.now();
    try {
      await store.add({ channel: channel.name, messages, notified, at, most: MOST_WAITING });
      return undefined;
    } catch (error) {
      if (!(await this.#leave(messages, at))) throw error;
      return error;
    } finally {
      this.#nextDueAt = Math.min(this.#nextDueAt, at);
    }
  }

  async deliver(): Promise<void> {
    const { store, channel, clock } = this.#options;
    const now = clock.machine.now();
    if (now < this.#nextDueAt) return;
    const due = await store.due(channel.name, now, AT_ONCE);
    await Promise.all(due.map((message) => this.#attempt(message)));
    if (due.length > 0) return;
    // A message added during the query takes precedence over its result.
    this.#nextDueAt = now + LOOK_MS;
    const next = await store.nextDue(channel.name).catch((error: unknown) => {
      this.#nextDueAt = -Infinity;
      throw error;
    });
    this.#nextDueAt = Math.min(this.#nextDueAt, next ?? Infinity);
  }

  /** Handles a clock that was set back. */
  setBack(now: number): void {
    this.#unstoredRetryAt = Math.min(this.#unstoredRetryAt, now);
    this.#nextDueAt = -Infinity;
  }

  /** Sends messages that are not stored. Returns false if one fails: it and those after it are retried later. */
  async #leave(messages: readonly Message[], now: number): Promise<boolean> {
    if (now < this.#unstoredRetryAt) return false;
    for (const [at, message] of messages.entries()) {
      const name = `${message.to.join(' ')} ${message.subject}`;
      const tried = this.#unstored.get(name) ?? { id: `unkept-${Math.round(now)}-${at}`, hasLeft: false };
      this.#unstored.set(name, tried);
      if (tried.hasLeft) continue;
      tried.hasLeft = await this.#sent(message, tried.id);
      if (tried.hasLeft) continue;
      this.#unstoredRetryAt = now + 1000 * UNSTORED_WAIT_S;
      return false;
    }
    this.#unstored.clear();
    return true;
  }

  async #attempt(message: WaitingMessage): Promise<void> {
    const { store, channel, clock } = this.#options;
    const { number, createdAt, attempts } = message;
    // A sent message still waits if the store could not record it.
    const isOver = this.#left.has(number) || channel.isForNobody?.(message) === true;
    const isOld = clock.machine.now() - createdAt >= GIVEN_UP_MS;
    if (!isOver && !isOld) {
      if (!(await this.#sent(message, `alarm-${Math.round(createdAt)}-${number}`))) {
        const waitS = WAITS_S[Math.min(attempts, WAITS_S.length - 1)]!;
        return store.later(number, attempts + 1, clock.machine.now() + 1000 * waitS);
      }
      this.#left.add(number);
    }
    await store.done(number);
    this.#left.delete(number);
    if (isOld && !isOver) this.#report('medium', 'given-up', message.subject);
  }

  /** Whether a recipient accepted the message. */
  async #sent(message: Message, id: string): Promise<boolean> {
    try {
      this.#accepted(message.to, await this.#options.channel.send(message, id));
      return true;
    } catch (error) {
      this.#answered(message.to, message.to, said(error));
      return false;
    }
  }

  #accepted(to: readonly string[], { rejected }: Sent): void {
    if (rejected.length === 0) this.#sentAt = this.#options.clock.machine.now();
    this.#answered(to, rejected, `refused: ${rejected.join(', ')}`);
  }

  /** Notes the fault of those that failed. Reports it where it is the first of a recipient, and when no fault stands any more. */
  #answered(to: readonly string[], failed: readonly string[], fault: string): void {
    const faults = this.#faults;
    const stood = faults.size > 0;
    const isNew = failed.some((each) => !faults.has(each));
    for (const each of to) faults.delete(each);
    for (const each of failed) faults.set(each, fault);
    if (isNew) this.#report('medium', 'fault', fault);
    else if (stood && faults.size === 0) this.#report('info', 'leaves', '');
  }

  #report(severity: 'medium' | 'info', what: Parameters<Channel['says']>[0], detail: string): void {
    const { report, clock, channel } = this.#options;
    const time = Math.round(clock.plant.now());
    const { code, text } = channel.says(what, detail);
    report({ time, kind: 'event', severity, code, text: fitText(text, EVENT_TEXT) });
  }
}

const said = (error: unknown): string => messageOf(error).slice(0, 300);
