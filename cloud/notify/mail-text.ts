import type { AlarmView } from '../../shared/contracts/alarm.ts';
import { languages, type Spoken } from '../../shared/sentences/language.ts';
import { mailForms } from '../../shared/sentences/mail-forms.ts';
import { sayer } from '../../shared/sentences/said.ts';
import { MOST_ALARMS, speechOf, subjectOf, type Speech, type TextContext } from './alarm-text.ts';
import type { TestText, Text, Wording } from './channel.ts';
import type { Wish } from './notify-rules.ts';

/** A mail in a language: subject and plain-text body, readable everywhere. */
export function mailText(wish: Wish, context: TextContext, { language }: Wording): Text {
  const { origin, escalateMin: minutes } = context;
  const { kind, alarms } = wish;
  const speech = speechOf(language, context.zone);
  const { say } = speech;
  const count = alarms.length;
  const body = [
    ...(kind === 'escalation' ? [say('Nobody has acknowledged this for {minutes} minutes.', { minutes }), ''] : []),
    ...alarms.slice(0, MOST_ALARMS).flatMap((alarm) => [...alarmLines(alarm, context, speech), '']),
    ...(count > MOST_ALARMS ? [say('and {count} more', { count: count - MOST_ALARMS }), ''] : []),
    origin === ''
      ? say('Acknowledge on the page Alarms.')
      : say('Acknowledge: {address}', { address: `${origin}/alarms` }),
  ];
  return { subject: subjectOf(wish, context, speech), text: `${body.join('\n')}\n` };
}

/** A test mail. */
export function testMailText({ by, region }: TestText, { language }: Wording): Text {
  const say = sayer(mailForms, (languages[language] as Spoken).mails);
  const text = say('{by} has asked for this test mail. Alarms of {region} come from here.', { by, region });
  return { subject: say('Test mail of {region}', { region }), text: `${text}\n` };
}

function alarmLines(alarm: AlarmView, { rules, placeOf, origin }: TextContext, speech: Speech): string[] {
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
