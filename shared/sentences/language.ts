import { events as germanEvents } from './de/events.ts';
import { mails as germanMails } from './de/mails.ts';
import { rules as germanRules } from './de/rules.ts';
import { told as germanTold } from './de/told.ts';
import type { EventWords } from './event-forms.ts';
import { eventReader } from './event-reader.ts';
import type { MailWords } from './mail-forms.ts';
import { events as dutchEvents } from './nl/events.ts';
import { mails as dutchMails } from './nl/mails.ts';
import { rules as dutchRules } from './nl/rules.ts';
import { told as dutchTold } from './nl/told.ts';
import type { Reader } from './reader.ts';

/** What the cloud says to people who are not at the page, in a language. Absent: English, which the sentences are written in. */
export interface Spoken {
  readonly events?: EventWords;
  readonly mails?: MailWords;
  /** Says what is told in sentences that hold all their values. */
  readonly read?: Reader;
  /** Names, consequences and actions of the alarms as shipped; an operator's own rules stay as they are written. */
  readonly rules: Readonly<Record<string, string>>;
  /** In which dates are written. */
  readonly locale: string;
}

export const languages = {
  en: { locale: 'en-GB', rules: {} },
  nl: {
    locale: 'nl-NL',
    rules: dutchRules,
    events: dutchEvents,
    mails: dutchMails,
    read: eventReader({ events: dutchEvents, told: dutchTold, words: {} }, 'nl'),
  },
  de: {
    locale: 'de-DE',
    rules: germanRules,
    events: germanEvents,
    mails: germanMails,
    read: eventReader({ events: germanEvents, told: germanTold, words: {} }, 'de'),
  },
} as const satisfies Readonly<Record<string, Spoken>>;

export type Language = keyof typeof languages;
