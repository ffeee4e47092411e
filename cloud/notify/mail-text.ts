import type { AlarmRuleView, AlarmView } from '../../shared/contracts/alarm.ts';
import type { MailWish } from './mail-rules.ts';

export interface MailWords {
  readonly zone: string;
  readonly rules: ReadonlyMap<string, AlarmRuleView>;
  /** Name of the place of a source. */
  readonly placeOf: (source: string) => string;
  /** Where people open the page; empty: it is not known. */
  readonly origin: string;
  readonly escalateMin: number;
}

/** So many alarms are told in full. */
const MOST = 30;
const MOST_SUBJECT = 140;

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** Subject and body of a mail; plain text, so that it reads on everything. */
export function mailText(
  { kind, alarms }: MailWish,
  words: MailWords,
): { readonly subject: string; readonly text: string } {
  const [first] = alarms;
  const { priority, source, text } = first!;
  const more = alarms.length === 1 ? '' : ` and ${alarms.length - 1} more`;
  const head =
    kind === 'digest' || kind === 'many'
      ? `${kind === 'digest' ? 'Flood: ' : ''}${alarms.length} new alarms, ${alarms.filter((each) => each.priority === 1).length} of priority 1`
      : `${words.placeOf(source)}: ${oneLine(text)}${more}`;
  const late = kind === 'escalation' ? `Not acknowledged for ${words.escalateMin} min: ` : '';
  const subject = `[P${priority}] ${late}${head}`.slice(0, MOST_SUBJECT);
  const body = [
    ...(kind === 'escalation' ? [`Nobody has acknowledged this for ${words.escalateMin} minutes.`, ''] : []),
    ...alarms.slice(0, MOST).flatMap((alarm) => [...alarmLines(alarm, words), '']),
    ...(alarms.length > MOST ? [`and ${alarms.length - MOST} more`, ''] : []),
    words.origin === '' ? 'Acknowledge on the page Alarms.' : `Acknowledge: ${words.origin}/alarms`,
  ];
  return { subject, text: `${body.join('\n')}\n` };
}

function alarmLines(alarm: AlarmView, { rules, placeOf, zone, origin }: MailWords): string[] {
  const { priority, source, code, text, raisedAt, respondBy, control } = alarm;
  const rule = rules.get(code);
  const time = (at: number): string => timeIn(at, zone);
  return [
    `Priority ${priority}, ${placeOf(source)}: ${oneLine(text)}`,
    ...(raisedAt === null ? [] : [`Since: ${time(raisedAt)}`]),
    ...(rule === undefined ? [] : [`Consequence: ${rule.consequence}`, `Action: ${rule.action}`]),
    ...(respondBy === null ? [] : [`Respond by: ${time(respondBy)}`]),
    ...(origin === '' ? [] : [`${origin}${control}`]),
    code,
  ];
}

const timeIn = (at: number, zone: string): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long', timeZone: zone }).format(at);
