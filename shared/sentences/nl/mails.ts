import type { MailWords } from '../mail-forms.ts';

/** Sentences of mails, in Dutch. */
export const mails: MailWords = {
  '{place}: {text}': '{place}: {text}',
  '{place}: {text}, and {count} more': '{place}: {text}, en nog {count}',
  '{count} new alarms, {urgent} of priority 1': '{count} nieuwe alarmen, waarvan {urgent} met prioriteit 1',
  'Flood: {count} new alarms, {urgent} of priority 1':
    'Alarmvloed: {count} nieuwe alarmen, waarvan {urgent} met prioriteit 1',
  'Not acknowledged for {minutes} min: {head}': 'Al {minutes} min niet gekwiteerd: {head}',
  'Nobody has acknowledged this for {minutes} minutes.': 'Al {minutes} minuten heeft niemand dit gekwiteerd.',
  'and {count} more': 'en nog {count}',
  'Acknowledge on the page Alarms.': 'Kwiteer op de pagina Alarmen.',
  'Acknowledge: {address}': 'Kwiteren: {address}',
  'Priority {priority}, {place}: {text}': 'Prioriteit {priority}, {place}: {text}',
  'Since: {time}': 'Sinds: {time}',
  'Consequence: {text}': 'Gevolg: {text}',
  'Action: {text}': 'Actie: {text}',
  'Respond by: {time}': 'Reageer voor: {time}',
  'Test mail of {region}': 'Testmail van {region}',
  '{by} has asked for this test mail. Alarms of {region} come from here.':
    '{by} heeft om deze testmail gevraagd. Hiervandaan komen de alarmen van {region}.',
};
