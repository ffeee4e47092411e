import type { AlarmView } from '../../shared/contracts/alarm.ts';
import { MOST_ALARMS, speechOf, subjectOf, type Speech, type TextContext } from './alarm-text.ts';
import type { TestText, Text, Wording } from './channel.ts';
import type { Wish } from './notify-rules.ts';

/** Body of a webhook message: type, timestamp and data, per Standard Webhooks. */
export function webhookText(wish: Wish, context: TextContext, { language, at }: Wording): Text {
  const { kind, alarms } = wish;
  const speech = speechOf(language, context.zone);
  const subject = subjectOf(wish, context, speech);
  const data = {
    region: context.region,
    subject,
    isFlood: kind === 'digest',
    count: alarms.length,
    alarms: alarms.slice(0, MOST_ALARMS).map((alarm) => alarmOf(alarm, context, speech)),
    ...(context.origin === '' ? {} : { page: `${context.origin}/alarms` }),
  };
  return { subject, text: bodyOf(kind === 'escalation' ? 'alarm.escalated' : 'alarm.raised', at, data) };
}

/** A test message. */
export function testWebhookText({ by, region }: TestText, { at }: Wording): Text {
  return { subject: 'alarm.test', text: bodyOf('alarm.test', at, { by, region }) };
}

const bodyOf = (type: string, at: number, data: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });

function alarmOf(alarm: AlarmView, { rules, placeOf, origin }: TextContext, speech: Speech) {
  const { id, code, priority, source, device, target, raisedAt, respondBy, control } = alarm;
  const rule = rules.get(code);
  return {
    id,
    code,
    priority,
    source,
    place: placeOf(source),
    device,
    target,
    text: speech.alarm(alarm),
    raisedAt: timeOf(raisedAt),
    respondBy: timeOf(respondBy),
    ...(rule === undefined ? {} : { consequence: speech.rule(rule.consequence), action: speech.rule(rule.action) }),
    ...(origin === '' ? {} : { page: `${origin}${control}` }),
  };
}

const timeOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
