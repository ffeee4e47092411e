import type { AlarmRuleView, AlarmView } from '../../shared/contracts/alarm.ts';
import { tells } from '../../shared/sentences/told-forms.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import type { NotifyView, TestMailView } from '../../shared/contracts/notify.ts';
import type { Region } from '../../shared/contracts/region.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Language } from '../../shared/sentences/language.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { MailConfig } from './mail-config.ts';
import { AGAIN_MS, isFresh, isWithin, mailsDue, type MailWish, type Told } from './mail-rules.ts';
import type { MailStore, NewMail, WaitingMail } from './mail-store.ts';
import { mailText, testMailText, type MailContext } from './mail-text.ts';
import type { SendMail } from './smtp.ts';

export interface MailDeskOptions {
  readonly config: MailConfig;
  readonly region: Region;
  readonly clock: Clock;
  readonly store: MailStore;
  readonly send: SendMail;
  /** Unacknowledged alarms, most urgent first. */
  readonly alarms: () => readonly AlarmView[];
  readonly isFlood: () => boolean;
  readonly rules: readonly AlarmRuleView[];
  /** Where people open the page; empty: it is not known. */
  readonly origin: string;
  /** An event of the cloud's own. */
  readonly report: (event: LoadstoneEvent) => void;
}

const TICK_MS = 1_000;
const AT_ONCE = 4;
/** Mails that wait at the most. */
const MOST_WAITING = 200;
/** Waits after each failed attempt, s; the last one again and again until a mail is a day old. */
const WAITS_S = [5, 10, 30, 60, 120, 300, 600];
const GIVEN_UP_MS = 24 * 3_600_000;
/** The same wait for what the store could not keep. */
const UNKEPT_WAIT_S = 30;

/** Alarms that leave by mail: who is told first, who is told where nobody acknowledges, and when nobody is to be woken. */
export class MailDesk {
  readonly #options: MailDeskOptions;
  readonly #context: MailContext;
  readonly #told = new Map<number, Told>();
  /** When each alarm was told first: from then on somebody has the time to acknowledge it. */
  readonly #since = new Map<number, number>();
  readonly #seen = new Map<number, number>();
  /** When it last looked. */
  #at = Infinity;
  #lastDigestAt = -Infinity;
  /** Mails that have left, and of which the store does not know it yet. */
  readonly #left = new Set<number>();
  /** When what the store cannot keep is tried again. */
  #unkeptAt = -Infinity;
  /** Of these, what has left. */
  readonly #unkept = new Set<string>();
  #sentAt: number | null = null;
  #fault: string | null = null;
  #timer: Timer | undefined;
  #turn: Promise<unknown> | undefined;
  /** Of a delivery, which nobody awaits: the next look fails with it. */
  #failure: unknown;

  constructor(options: MailDeskOptions) {
    this.#options = options;
    const { region, rules, origin, config } = options;
    const places = new Map(region.substations.map(({ gateway, name }) => [gateway, name]));
    this.#context = {
      zone: region.timezone,
      rules: new Map(rules.map((rule) => [rule.code, rule])),
      placeOf: (source) => places.get(source) ?? (source === 'cloud' ? region.name : source),
      origin,
      escalateMin: config.escalateAfterMin,
    };
  }

  /** The store is open: what was told before is not told again. */
  async start(): Promise<void> {
    for (const each of await this.#options.store.told()) {
      this.#told.set(each.alarm, each);
      this.#since.set(each.alarm, each.toldAt);
    }
    this.#timer = every(this.#options.clock.machine, TICK_MS, () => this.#tick());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#turn;
  }

  async view(): Promise<NotifyView> {
    const { config, store } = this.#options;
    const { host, port, security, from, to, priority, escalateTo, escalateAfterMin, quietHours } = config;
    return {
      mail: {
        server: `${host}:${port}, ${security === 'none' ? 'without TLS' : security}`,
        from,
        to,
        priority,
        escalateTo,
        escalateAfterMin,
        languages: Object.fromEntries([...to, ...escalateTo].map((address) => [address, this.#languageOf(address)])),
        quietHours: quietHours ?? null,
        isQuiet: this.#isQuiet(),
        waiting: await store.count(),
        sentAt: this.#sentAt,
        fault: this.#fault,
      },
    };
  }

  /** Sends a mail to everybody who may be told, at once. Throws LS-NOTIFY-001 with what the mail server says. */
  async test(by: string): Promise<TestMailView> {
    const { config, region, clock, send } = this.#options;
    const to = [...config.to, ...config.escalateTo];
    try {
      const sent: TestMailView[] = [];
      for (const [language, own] of this.#byLanguage(to)) {
        const text = testMailText({ by, region: region.name }, language);
        sent.push(await send({ priority: 3, to: own, ...text }, `test-${clock.machine.now()}-${language}`));
      }
      this.#answered(null);
      return {
        accepted: sent.flatMap(({ accepted }) => accepted),
        rejected: sent.flatMap(({ rejected }) => rejected),
        response: [...new Set(sent.map(({ response }) => response))].join('; '),
      };
    } catch (error) {
      this.#answered(said(error));
      throw new LoadstoneError('LS-NOTIFY-001', said(error));
    }
  }

  async #tick(): Promise<void> {
    const failure = this.#failure;
    this.#failure = undefined;
    try {
      await this.#decide();
    } finally {
      // What waits leaves also where the store takes nothing new.
      this.#turn ??= this.#deliver()
        .catch((error: unknown) => (this.#failure = error))
        .then(() => (this.#turn = undefined));
    }
    if (failure !== undefined) throw failure;
  }

  /** What is due now waits for the mail server, kept with what it tells. */
  async #decide(): Promise<void> {
    const { alarms: all, isFlood, config, store, clock } = this.#options;
    const now = clock.machine.now();
    const alarms = all();
    if (now < this.#at) this.#setBack(now);
    this.#at = now;
    this.#look(alarms, now);
    const memory = { told: this.#told, since: this.#since, seen: this.#seen, lastDigestAt: this.#lastDigestAt };
    const rules = {
      priority: config.priority,
      escalateMs: config.escalateTo.length === 0 ? undefined : config.escalateAfterMin * 60_000,
    };
    const wishes = mailsDue({ now, isQuiet: this.#isQuiet(), isFlood: isFlood(), alarms }, memory, rules);
    if (wishes.length > 0) {
      const news = new Map<number, Told>();
      for (const { kind, alarms: of } of wishes)
        for (const alarm of of)
          news.set(alarm.id, toldOf(alarm, kind, { now, known: news.get(alarm.id) ?? this.#told.get(alarm.id) }));
      const told = [...news.values()];
      const mails = wishes.flatMap((wish) =>
        [...this.#byLanguage(wish.kind === 'escalation' ? config.escalateTo : config.to)].map(([language, to]) => ({
          priority: wish.alarms[0]!.priority,
          to,
          ...mailText(wish, this.#context, language),
        })),
      );
      try {
        await store.add({ mails, told, at: now, most: MOST_WAITING });
      } catch (error) {
        // A disk that is full is what people are to be told of: what cannot be kept leaves at once.
        if (!(await this.#leave(mails, now))) throw error;
        this.#failure ??= error;
      }
      for (const each of told) {
        this.#told.set(each.alarm, each);
        this.#since.set(each.alarm, this.#since.get(each.alarm) ?? now);
        this.#seen.delete(each.alarm);
      }
      if (wishes.some(({ kind }) => kind === 'digest')) this.#lastDigestAt = now;
    }
    await this.#forget(alarms, now);
  }

  /** Sends mails that wait nowhere. False where one did not leave: then it and what is behind it are tried again, after a while. */
  async #leave(mails: readonly NewMail[], now: number): Promise<boolean> {
    if (now < this.#unkeptAt) return false;
    try {
      for (const [at, mail] of mails.entries()) {
        const name = `${mail.to.join(' ')} ${mail.subject}`;
        if (this.#unkept.has(name)) continue;
        await this.#options.send(mail, `unkept-${Math.round(now)}-${at}`);
        this.#unkept.add(name);
      }
      this.#unkept.clear();
      this.#answered(null);
      return true;
    } catch (error) {
      this.#answered(said(error));
      this.#unkeptAt = now + 1000 * UNKEPT_WAIT_S;
      return false;
    }
  }

  #languageOf(address: string): Language {
    const { language, languages } = this.#options.config;
    return Object.hasOwn(languages, address) ? languages[address]! : language;
  }

  /** Each is told in their own language. */
  #byLanguage(to: readonly string[]): ReadonlyMap<Language, readonly string[]> {
    return Map.groupBy(to, (address) => this.#languageOf(address));
  }

  #look(alarms: readonly AlarmView[], now: number): void {
    const fresh = new Set(alarms.filter((each) => isFresh(each, now, this.#told)).map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!fresh.has(id)) this.#seen.delete(id);
    for (const id of fresh) if (!this.#seen.has(id)) this.#seen.set(id, now);
  }

  /** The clock was set back: what lies ahead of it now would keep mails back until then. */
  #setBack(now: number): void {
    for (const [alarm, each] of this.#told) this.#told.set(alarm, { ...each, toldAt: Math.min(each.toldAt, now) });
    this.#unkeptAt = Math.min(this.#unkeptAt, now);
    for (const times of [this.#since, this.#seen]) for (const [alarm, at] of times) times.set(alarm, Math.min(at, now));
    this.#lastDigestAt = Math.min(this.#lastDigestAt, now);
  }

  /** Of an alarm that is over, and would be told anew, nothing is remembered. */
  async #forget(alarms: readonly AlarmView[], now: number): Promise<void> {
    const standing = new Set(alarms.map(({ id }) => id));
    const over = [...this.#told.values()]
      .filter(({ alarm, toldAt }) => !standing.has(alarm) && now - toldAt > AGAIN_MS[2])
      .map(({ alarm }) => alarm);
    if (over.length === 0) return;
    await this.#options.store.forget(over);
    for (const alarm of over) {
      this.#told.delete(alarm);
      this.#since.delete(alarm);
    }
  }

  async #deliver(): Promise<void> {
    const { store, clock } = this.#options;
    const due = await store.due(clock.machine.now(), AT_ONCE);
    await Promise.all(due.map((mail) => this.#attempt(mail)));
  }

  async #attempt(mail: WaitingMail): Promise<void> {
    const { store, send, clock } = this.#options;
    const { number, createdAt, attempts } = mail;
    try {
      // One that left waits on where the store could not be told so.
      if (!this.#left.has(number)) {
        const { rejected } = await send(mail, `alarm-${Math.round(createdAt)}-${number}`);
        this.#answered(rejected.length === 0 ? null : `the mail server refuses ${rejected.join(', ')}`);
        this.#left.add(number);
      }
    } catch (error) {
      this.#answered(said(error));
      const now = clock.machine.now();
      if (now - createdAt < GIVEN_UP_MS) {
        const waitS = WAITS_S[Math.min(attempts, WAITS_S.length - 1)]!;
        await store.later(number, attempts + 1, now + 1000 * waitS);
        return;
      }
      this.#report(
        'medium',
        'mail.given-up',
        tells('mail.given-up', 'After a day a mail is given up: {error}', { error: mail.subject }),
      );
    }
    await store.done(number);
    this.#left.delete(number);
  }

  /** The first failure is an event, and the first success after it. */
  #answered(fault: string | null): void {
    if (fault === null) this.#sentAt = this.#options.clock.machine.now();
    if (fault !== null && this.#fault === null)
      this.#report('medium', 'LS-NOTIFY-001', tells('LS-NOTIFY-001', 'Mail does not leave: {error}', { error: fault }));
    if (fault === null && this.#fault !== null)
      this.#report('info', 'mail.leaves', tells('mail.leaves', 'Mail leaves again.'));
    this.#fault = fault;
  }

  #report(severity: 'medium' | 'info', code: string, text: string): void {
    const { report, clock } = this.#options;
    const time = Math.round(clock.plant.now());
    report({ time, kind: 'event', severity, code, text: fitText(text, EVENT_TEXT) });
  }

  #isQuiet(): boolean {
    const { config, region, clock } = this.#options;
    if (config.quietHours === undefined) return false;
    const time = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: region.timezone,
    }).format(clock.machine.now());
    return isWithin(time, config.quietHours);
  }
}

/** Who escalates once does not again: that nobody acknowledges is known by then. */
function toldOf(
  { id, raisedAt }: AlarmView,
  kind: MailWish['kind'],
  { now, known }: { readonly now: number; readonly known: Told | undefined },
): Told {
  if (kind === 'escalation' && known !== undefined) return { ...known, escalatedAt: now };
  return { alarm: id, raisedAt: raisedAt ?? 0, toldAt: now, escalatedAt: known?.escalatedAt ?? null };
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300);
