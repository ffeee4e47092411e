import { signal } from '@preact/signals';
import { IntlMessageFormat } from 'intl-messageformat';
import { eventText, type SaidEvent } from '../../../../shared/sentences/event-forms.ts';
import type { Catalogue } from './catalogue.ts';
import type { Sentence } from '../../../../shared/contracts/sentence.ts';
import { sentenceText } from '../../../../shared/sentences/sentences.ts';
import { figure } from '../../../../shared/sentences/figure.ts';
import type { Text } from './de/index.ts';

export type { Text } from './de/index.ts';
export type Language = 'en' | 'nl' | 'de';

const ENGLISH: Catalogue = { texts: {}, told: {}, faults: {} };
const spoken = (language: Language, catalogue: Catalogue) => ({
  language,
  texts: catalogue.texts,
  faults: catalogue.faults,
  events: catalogue.events,
  words: { ...catalogue.told, ...catalogue.sentences, ...catalogue.events },
  say: catalogue.say,
});
const shown = signal(spoken('en', ENGLISH));

/** The language that the page speaks now. */
export const language = (): Language => shown.value.language;

const times = signal<(text: string) => string>((text) => text);

let messages = new Map<string, IntlMessageFormat>();
let heard = new Map<string, string>();
/** So many different sentences are remembered; most come back with each heartbeat. */
const MOST_HEARD = 2_000;

/** From now on the page speaks this language. */
export function speak(language: Language, catalogue: Catalogue = ENGLISH): void {
  messages = new Map();
  heard = new Map();
  shown.value = spoken(language, catalogue);
}

type Values = Readonly<Record<string, string | number | null | undefined>>;

/** What the page says, in the language of its reader; the English sentence is the key, in the form of ICU messages where it has values. */
export function t(text: Text, values?: Values): string {
  return values === undefined ? (shown.value.texts[text] ?? text) : filled(text, values);
}

function filled(text: string, values: Values): string {
  const { language, texts } = shown.value;
  let message = messages.get(text);
  if (message === undefined) {
    message = new IntlMessageFormat(texts[text] ?? text, language, undefined, {
      ignoreTag: true,
      formatters,
    });
    messages.set(text, message);
  }
  return String(message.format(values));
}

/** A number in a message looks as everywhere on the page. */
const formatters = {
  getNumberFormat: () => ({ format: (value: number) => figure(value, language()) }) as unknown as Intl.NumberFormat,
  getDateTimeFormat: (...args: ConstructorParameters<typeof Intl.DateTimeFormat>) => new Intl.DateTimeFormat(...args),
  getPluralRules: (...args: ConstructorParameters<typeof Intl.PluralRules>) => new Intl.PluralRules(...args),
};

/** An error by its code in the language of the reader: what it is called, and what to do. Undefined: as the cloud says it. */
export const fault = (code: string): readonly [title: string, remedy: string] | undefined =>
  (shown.value.faults as Readonly<Record<string, readonly [string, string] | undefined>>)[code];

/**
 * What the cloud or a gateway said in English, with its code where it has one, in the language of the reader; a sentence that is not known
 * stays as it came.
 */
export function told(text: string, code?: string | null): string {
  return times.value(spokenOf(text, code));
}

/** Whether it has such a sentence: else it stays English, but for its times. */
export const isTold = (text: string, code?: string | null): boolean => spokenOf(text, code) !== text;

/** What an event or an alarm says, made of its code and its values; one whose sentence is not known there stays as it came. */
export function saidOf(event: SaidEvent): string {
  const said = eventText(event, { ...speech(), own: shown.value.events });
  return said === event.text ? told(said, event.code) : said;
}

/** A text of an answer by the sentences that the answer has beside it; one that is not among them stays as it came. */
export const saidIn = (text: string, sentences: readonly Sentence[] = []): string =>
  sentenceText(text, sentences, speech());

const speech = () => {
  const { language, words } = shown.value;
  return { own: words, number: (text: string) => figure(text, language), time: times.value };
};

/** Sentences of the cloud tell their times in UTC: from now on they are said as this says them. */
export const tellTimes = (by: (text: string) => string): void => void (times.value = by);

function spokenOf(text: string, code: string | null = null): string {
  const { say } = shown.value;
  if (say === undefined || text === '') return text;
  const key = `${code ?? ''}\n${text}`;
  const known = heard.get(key);
  if (known !== undefined) return known;
  const said = say(text, code ?? undefined) ?? text;
  if (heard.size >= MOST_HEARD) heard.clear();
  heard.set(key, said);
  return said;
}
