import type { MailWords } from '../mail-forms.ts';

/** Sentences of mails, in German. */
export const mails: MailWords = {
  '{place}: {text}': '{place}: {text}',
  '{place}: {text}, and {count} more': '{place}: {text}, und {count} weitere',
  '{count} new alarms, {urgent} of priority 1': '{count} neue Alarme, davon {urgent} mit Priorität 1',
  'Flood: {count} new alarms, {urgent} of priority 1': 'Alarmflut: {count} neue Alarme, davon {urgent} mit Priorität 1',
  'Not acknowledged for {minutes} min: {head}': 'Seit {minutes} min nicht quittiert: {head}',
  'Nobody has acknowledged this for {minutes} minutes.': 'Seit {minutes} Minuten hat dies niemand quittiert.',
  'and {count} more': 'und {count} weitere',
  'Acknowledge on the page Alarms.': 'Auf der Seite Alarme quittieren.',
  'Acknowledge: {address}': 'Quittieren: {address}',
  'Priority {priority}, {place}: {text}': 'Priorität {priority}, {place}: {text}',
  'Since: {time}': 'Seit: {time}',
  'Consequence: {text}': 'Folge: {text}',
  'Action: {text}': 'Maßnahme: {text}',
  'Respond by: {time}': 'Reagieren bis: {time}',
  'Test mail of {region}': 'Testmail von {region}',
  '{by} has asked for this test mail. Alarms of {region} come from here.':
    '{by} hat diese Testmail angefordert. Die Alarme von {region} kommen von hier.',
};
