/** All sentences of alarm mails, apart from those of the alarms and their rules. */
export const mailForms = [
  '{place}: {text}',
  '{place}: {text}, and {count} more',
  '{count} new alarms, {urgent} of priority 1',
  'Flood: {count} new alarms, {urgent} of priority 1',
  'Not acknowledged for {minutes} min: {head}',
  'Nobody has acknowledged this for {minutes} minutes.',
  'and {count} more',
  'Acknowledge on the page Alarms.',
  'Acknowledge: {address}',
  'Priority {priority}, {place}: {text}',
  'Since: {time}',
  'Consequence: {text}',
  'Action: {text}',
  'Respond by: {time}',
  'Test mail of {region}',
  '{by} has asked for this test mail. Alarms of {region} come from here.',
] as const;

type MailForm = (typeof mailForms)[number];
/** All sentences of mails in a language. A language that lacks one does not compile. */
export type MailWords = Readonly<Record<MailForm, string>>;
