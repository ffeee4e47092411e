import type { AlarmRuleView, AlarmView } from '../../shared/contracts/alarm.ts';
import { fitText } from '../../shared/contracts/fit-text.ts';
import { eventText } from '../../shared/sentences/event-forms.ts';
import { figure } from '../../shared/sentences/figure.ts';
import { languages, type Language, type Spoken } from '../../shared/sentences/language.ts';
import { mailForms } from '../../shared/sentences/mail-forms.ts';
import { sayer } from '../../shared/sentences/said.ts';
import type { Wish } from './notify-rules.ts';

export interface TextContext {
  /** Id of the region. */
  readonly region: string;
  readonly zone: string;
  readonly rules: ReadonlyMap<string, AlarmRuleView>;
  /** Name of the place behind a source. */
  readonly placeOf: (source: string) => string;
  /** Origin of the operators' page; empty: unknown. */
  readonly origin: string;
  readonly escalateMin: number;
}

/** Maximum number of alarms described in full. */
export const MOST_ALARMS = 30;
const MOST_SUBJECT = 140;

/** Keeps the narrow no-break spaces of numbers. */
const oneLine = (text: string): string => text.replaceAll(/[^\S\u202f]+/g, ' ').trim();

/** The one-line summary. */
export function subjectOf({ kind, alarms }: Wish, { placeOf, escalateMin: minutes }: TextContext, speech: Speech) {
  const { say } = speech;
  const first = alarms[0]!;
  const [place, text] = [placeOf(first.source), speech.alarm(first)];
  const count = alarms.length;
  const urgent = alarms.filter(({ priority }) => priority === 1).length;
  const head =
    kind === 'digest'
      ? say('Flood: {count} new alarms, {urgent} of priority 1', { count, urgent })
      : kind === 'many'
        ? say('{count} new alarms, {urgent} of priority 1', { count, urgent })
        : count === 1
          ? say('{place}: {text}', { place, text })
          : say('{place}: {text}, and {count} more', { place, text, count: count - 1 });
  const whole = kind === 'escalation' ? say('Not acknowledged for {minutes} min: {head}', { minutes, head }) : head;
  return fitText(`[P${first.priority}] ${whole}`, MOST_SUBJECT);
}

export type Speech = ReturnType<typeof speechOf>;

/** Texts about alarms in a language. */
export function speechOf(language: Language, zone: string) {
  const { locale, rules, events, mails, read }: Spoken = languages[language];
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long', timeZone: zone });
  const time = (at: number): string => format.format(at);
  return {
    say: sayer(mailForms, mails),
    time,
    rule: (text: string): string => (Object.hasOwn(rules, text) ? rules[text]! : text),
    alarm: (alarm: AlarmView): string => {
      const said = eventText(alarm, {
        own: events,
        number: (text) => figure(text, language),
        time: (text) => (TIME.test(text) ? time(Date.parse(text)) : text),
      });
      return oneLine(said === alarm.text ? (read?.(said, alarm.code) ?? said) : said);
    },
  };
}

/** Format of times in the values of a text. */
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\dZ$/;
