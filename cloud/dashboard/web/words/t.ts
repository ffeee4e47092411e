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

const ENGLISH: Catalogue = { texts: {}, phrases: {}, faults: {} };
const spoken = (language: Language, catalogue: Catalogue) => ({
  language,
  texts: catalogue.texts,
  faults: catalogue.faults,
  events: catalogue.events,
  words: { ...catalogue.phrases, ...catalogue.sentences, ...catalogue.events },
  say: catalogue.say,
});
const shown = signal(spoken('en', ENGLISH));

/** The current language of the page. */
export const language = (): Language => shown.value.language;

const times = signal<(text: string) => string>((text) => text);

let messages = new Map<string, IntlMessageFormat>();
let heard = new Map<string, string>();
/** Cached sentences; most come back with each heartbeat. */
const MOST_HEARD = 2_000;

/** Switches the page to a language. */
export function speak(language: Language, catalogue: Catalogue = ENGLISH): void {
  messages = new Map();
  heard = new Map();
  shown.value = spoken(language, catalogue);
}

type Values = Readonly<Record<string, string | number | null | undefined>>;

/** Returns a text of the page in the reader's language. The English sentence is the key, as an ICU message if it has values. */
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

/** Formats numbers in messages like everywhere on the page. */
const formatters = {
  getNumberFormat: () => ({ format: (value: number) => figure(value, language()) }) as unknown as Intl.NumberFormat,
  getDateTimeFormat: (...args: ConstructorParameters<typeof Intl.DateTimeFormat>) => new Intl.DateTimeFormat(...args),
  getPluralRules: (...args: ConstructorParameters<typeof Intl.PluralRules>) => new Intl.PluralRules(...args),
};

/** Returns an error's title and remedy in the reader's language; undefined: shown as the cloud sent it. */
export const fault = (code: string): readonly [title: string, remedy: string] | undefined =>
  (shown.value.faults as Readonly<Record<string, readonly [string, string] | undefined>>)[code];

/** Translates an English sentence of the cloud or a gateway, with its code if it has one; an unknown sentence stays as it is. */
export function translate(text: string, code?: string | null): string {
  return times.value(spokenOf(text, code));
}

/** True if a translation exists; otherwise the sentence stays English, except for its times. */
export const isTranslated = (text: string, code?: string | null): boolean => spokenOf(text, code) !== text;

/** Returns the text of an event or alarm from its code and values; an unknown one stays as it is. */
export function saidOf(event: SaidEvent): string {
  const said = eventText(event, { ...speech(), own: shown.value.events });
  return said === event.text ? translate(said, event.code) : said;
}

/** Translates a text of an answer by the sentences in that answer; others stay as they are. */
export const saidIn = (text: string, sentences: readonly Sentence[] = []): string =>
  sentenceText(text, sentences, speech());

const speech = () => {
  const { language, words } = shown.value;
  return { own: words, number: (text: string) => figure(text, language), time: times.value };
};

/** Sets how UTC times in the cloud's sentences are shown. */
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
