import type { AlarmRuleView, AlarmView } from '../../shared/contracts/alarm.ts';
import { fitText } from '../../shared/contracts/fit-text.ts';
import { eventText } from '../../shared/sentences/event-forms.ts';
import { figure } from '../../shared/sentences/figure.ts';
import { languages, type Language, type Spoken } from '../../shared/sentences/language.ts';
import { mailForms } from '../../shared/sentences/mail-forms.ts';
import { sayer } from '../../shared/sentences/said.ts';
import type { MailWish } from './mail-rules.ts';

export interface MailContext {
  readonly zone: string;
  readonly rules: ReadonlyMap<string, AlarmRuleView>;
  /** Name of the place of a source. */
  readonly placeOf: (source: string) => string;
  /** Where people open the page; empty: it is not known. */
  readonly origin: string;
  readonly escalateMin: number;
}

interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** So many alarms are told in full. */
const MOST = 30;
const MOST_SUBJECT = 140;

/** The narrow space of a number stays. */
const oneLine = (text: string): string => text.replaceAll(/[^\S\u202f]+/g, ' ').trim();

/** A mail in a language: subject and body, of plain text, so that it reads on everything. */
export function mailText({ kind, alarms }: MailWish, context: MailContext, language: Language): MailText {
  const { placeOf, origin, escalateMin: minutes } = context;
  const speech = speechOf(language, context.zone);
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
  const isLate = kind === 'escalation';
  const whole = isLate ? say('Not acknowledged for {minutes} min: {head}', { minutes, head }) : head;
  const body = [
    ...(isLate ? [say('Nobody has acknowledged this for {minutes} minutes.', { minutes }), ''] : []),
    ...alarms.slice(0, MOST).flatMap((alarm) => [...alarmLines(alarm, context, speech), '']),
    ...(count > MOST ? [say('and {count} more', { count: count - MOST }), ''] : []),
    origin === ''
      ? say('Acknowledge on the page Alarms.')
      : say('Acknowledge: {address}', { address: `${origin}/alarms` }),
  ];
  return { subject: fitText(`[P${first.priority}] ${whole}`, MOST_SUBJECT), text: `${body.join('\n')}\n` };
}

/** A mail that tells nothing but that mails come. */
export function testMailText(values: { readonly by: string; readonly region: string }, language: Language): MailText {
  const say = sayer(mailForms, (languages[language] as Spoken).mails);
  const text = say('{by} has asked for this test mail. Alarms of {region} come from here.', values);
  return { subject: say('Test mail of {region}', { region: values.region }), text: `${text}\n` };
}

function alarmLines(alarm: AlarmView, { rules, placeOf, origin }: MailContext, speech: Speech): string[] {
  const { say, rule: ruled, time } = speech;
  const { priority, source, code, raisedAt, respondBy, control } = alarm;
  const rule = rules.get(code);
  return [
    say('Priority {priority}, {place}: {text}', { priority, place: placeOf(source), text: speech.alarm(alarm) }),
    ...(raisedAt === null ? [] : [say('Since: {time}', { time: time(raisedAt) })]),
    ...(rule === undefined
      ? []
      : [
          say('Consequence: {text}', { text: ruled(rule.consequence) }),
          say('Action: {text}', { text: ruled(rule.action) }),
        ]),
    ...(respondBy === null ? [] : [say('Respond by: {time}', { time: time(respondBy) })]),
    ...(origin === '' ? [] : [`${origin}${control}`]),
    code,
  ];
}

type Speech = ReturnType<typeof speechOf>;

function speechOf(language: Language, zone: string) {
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

/** As the values of a sentence tell a time. */
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\dZ$/;
