import { events as germanEvents } from './de/events.ts';
import { mails as germanMails } from './de/mails.ts';
import { rules as germanRules } from './de/rules.ts';
import { messages as germanMessages } from './de/messages.ts';
import type { EventWords } from './event-forms.ts';
import { eventReader } from './event-reader.ts';
import type { MailWords } from './mail-forms.ts';
import { events as dutchEvents } from './nl/events.ts';
import { mails as dutchMails } from './nl/mails.ts';
import { rules as dutchRules } from './nl/rules.ts';
import { messages as dutchMessages } from './nl/messages.ts';
import type { Reader } from './reader.ts';

/** The cloud's texts outside the page, in one language. Absent entries: English, the language of the sentences. */
export interface Spoken {
  readonly events?: EventWords;
  readonly mails?: MailWords;
  /** Translates sentences whose values are only in the text. */
  readonly read?: Reader;
  /** Names, consequences and actions of the built-in alarm rules. An operator's own rules are not translated. */
  readonly rules: Readonly<Record<string, string>>;
  /** Locale for dates. */
  readonly locale: string;
}

export const languages = {
  en: { locale: 'en-GB', rules: {} },
  nl: {
    locale: 'nl-NL',
    rules: dutchRules,
    events: dutchEvents,
    mails: dutchMails,
    read: eventReader({ events: dutchEvents, messages: dutchMessages, words: {} }, 'nl'),
  },
  de: {
    locale: 'de-DE',
    rules: germanRules,
    events: germanEvents,
    mails: germanMails,
    read: eventReader({ events: germanEvents, messages: germanMessages, words: {} }, 'de'),
  },
} as const satisfies Readonly<Record<string, Spoken>>;

export type Language = keyof typeof languages;
