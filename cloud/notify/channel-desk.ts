import type { AlarmRuleView, AlarmView } from '../../shared/contracts/alarm.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { ChannelView, TestMessageView } from '../../shared/contracts/notify.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { TextContext } from './alarm-text.ts';
import type { Channel } from './channel.ts';
import type { MessageStore } from './message-store.ts';
import { AGAIN_MS, isFresh, isWithin, messagesDue, type Notification, type Wish } from './notify-rules.ts';
import { Outbox } from './outbox.ts';

export interface ChannelDeskOptions {
  readonly channel: Channel;
  readonly region: Region;
  readonly clock: Clock;
  readonly store: MessageStore;
  /** Unacknowledged alarms, most urgent first. */
  readonly alarms: () => readonly AlarmView[];
  readonly isFlood: () => boolean;
  readonly rules: readonly AlarmRuleView[];
  /** Origin of the operators' page; empty: unknown. */
  readonly origin: string;
  /** Reports one of the cloud's own events. */
  readonly report: (event: LoadstoneEvent) => void;
}

const TICK_MS = 1_000;

/** Notifications on one channel: first recipients, escalation of unacknowledged alarms, and quiet hours. */
export class ChannelDesk {
  readonly #options: ChannelDeskOptions;
  readonly #context: TextContext;
  readonly #outbox: Outbox;
  readonly #notified = new Map<number, Notification>();
  /** When each alarm was first notified; its escalation counts from then. */
  readonly #since = new Map<number, number>();
  readonly #seen = new Map<number, number>();
  /** Time of the last look. */
  #at = Infinity;
  #lastDigestAt = -Infinity;
  #timer: Timer | undefined;
  #turn: Promise<unknown> | undefined;
  /** A failed delivery, which nothing awaits, fails the next look. */
  #failure: unknown;

  constructor(options: ChannelDeskOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options);
    const { region, rules, origin, channel } = options;
    const places = new Map(region.substations.map(({ gateway, name }) => [gateway, name]));
    this.#context = {
      region: region.id,
      zone: region.timezone,
      rules: new Map(rules.map((rule) => [rule.code, rule])),
      placeOf: (source) => places.get(source) ?? (source === 'cloud' ? region.name : source),
      origin,
      escalateMin: channel.escalateAfterMin,
    };
  }

  /** The store must be open: alarms notified before are not notified again. */
  async start(): Promise<void> {
    for (const each of await this.#options.store.notified(this.#options.channel.name)) {
      this.#notified.set(each.alarm, each);
      this.#since.set(each.alarm, each.notifiedAt);
    }
    this.#timer = every(this.#options.clock.machine, TICK_MS, () => this.#tick());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#turn;
  }

  async view(): Promise<ChannelView> {
    const { priority, escalateAfterMin, quietHours } = this.#options.channel;
    const rules = { priority, escalateAfterMin, quietHours: quietHours ?? null, isQuiet: this.#isQuiet() };
    return { ...rules, ...(await this.#outbox.view()) };
  }

  /** Sends a test message to all recipients at once. Throws the channel's fault with the server's answer. */
  test(by: string): Promise<TestMessageView> {
    return this.#outbox.test({ by, region: this.#options.region.name });
  }

  async #tick(): Promise<void> {
    const failure = this.#failure;
    this.#failure = undefined;
    try {
      await this.#decide();
    } finally {
      // Waiting messages are sent even if the store accepts no new ones.
      this.#turn ??= this.#outbox
        .deliver()
        .catch((error: unknown) => (this.#failure = error))
        .then(() => (this.#turn = undefined));
    }
    if (failure !== undefined) throw failure;
  }

  /** Queues the messages that are due, together with the alarms they cover. */
  async #decide(): Promise<void> {
    const { alarms: all, isFlood, channel, clock } = this.#options;
    const now = clock.machine.now();
    const alarms = all();
    if (now < this.#at) this.#setBack(now);
    this.#at = now;
    this.#look(alarms, now);
    const memory = { notified: this.#notified, since: this.#since, seen: this.#seen, lastDigestAt: this.#lastDigestAt };
    const { priority, to, escalateTo, escalateAfterMin } = channel;
    const rules = { priority, escalateMs: escalateTo.length === 0 ? undefined : escalateAfterMin * 60_000 };
    const wishes = messagesDue({ now, isQuiet: this.#isQuiet(), isFlood: isFlood(), alarms }, memory, rules);
    if (wishes.length > 0) {
      const news = new Map<number, Notification>();
      for (const { kind, alarms: of } of wishes)
        for (const alarm of of)
          news.set(
            alarm.id,
            notificationOf(alarm, kind, { now, known: news.get(alarm.id) ?? this.#notified.get(alarm.id) }),
          );
      const notified = [...news.values()];
      const messages = wishes.flatMap((wish) =>
        channel.groups(wish.kind === 'escalation' ? escalateTo : to).map(({ language, to: own }) => ({
          priority: wish.alarms[0]!.priority,
          to: own,
          ...channel.write(wish, this.#context, { language, at: now }),
        })),
      );
      const storeError = await this.#outbox.add(messages, notified);
      this.#failure ??= storeError;
      for (const each of notified) {
        this.#notified.set(each.alarm, each);
        this.#since.set(each.alarm, this.#since.get(each.alarm) ?? now);
        this.#seen.delete(each.alarm);
      }
      if (wishes.some(({ kind }) => kind === 'digest')) this.#lastDigestAt = now;
    }
    await this.#forget(alarms, now);
  }

  #look(alarms: readonly AlarmView[], now: number): void {
    const fresh = new Set(alarms.filter((each) => isFresh(each, now, this.#notified)).map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!fresh.has(id)) this.#seen.delete(id);
    for (const id of fresh) if (!this.#seen.has(id)) this.#seen.set(id, now);
  }

  /** After the clock was set back, times in the future would delay messages until then. */
  #setBack(now: number): void {
    for (const [alarm, each] of this.#notified)
      this.#notified.set(alarm, { ...each, notifiedAt: Math.min(each.notifiedAt, now) });
    this.#outbox.setBack(now);
    for (const times of [this.#since, this.#seen]) for (const [alarm, at] of times) times.set(alarm, Math.min(at, now));
    this.#lastDigestAt = Math.min(this.#lastDigestAt, now);
  }

  /** Forgets alarms that are over and would be notified again anyway. */
  async #forget(alarms: readonly AlarmView[], now: number): Promise<void> {
    const standing = new Set(alarms.map(({ id }) => id));
    const over = [...this.#notified.values()]
      .filter(({ alarm, notifiedAt }) => !standing.has(alarm) && now - notifiedAt > AGAIN_MS[2])
      .map(({ alarm }) => alarm);
    if (over.length === 0) return;
    await this.#options.store.forget(this.#options.channel.name, over);
    for (const alarm of over) {
      this.#notified.delete(alarm);
      this.#since.delete(alarm);
    }
  }

  #isQuiet(): boolean {
    const { channel, region, clock } = this.#options;
    if (channel.quietHours === undefined) return false;
    const time = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: region.timezone,
    }).format(clock.machine.now());
    return isWithin(time, channel.quietHours);
  }
}

/** Each alarm escalates only once, even if it occurs again. */
function notificationOf(
  { id, raisedAt }: AlarmView,
  kind: Wish['kind'],
  { now, known }: { readonly now: number; readonly known: Notification | undefined },
): Notification {
  if (kind === 'escalation' && known !== undefined) return { ...known, escalatedAt: now };
  return { alarm: id, raisedAt: raisedAt ?? 0, notifiedAt: now, escalatedAt: known?.escalatedAt ?? null };
}
