import { events as germanEvents } from './de/events.ts';
import { messages as germanMessages } from './de/messages.ts';
import { events as dutchEvents } from './nl/events.ts';
import { messages as dutchMessages } from './nl/messages.ts';

const PLACE = /\{\w+\}/g;

type Words = readonly (readonly [english: string, own: string])[];

/** Sentences of events by their English form. English needs none: the stored text is what the page shows. */
const sentences: Readonly<Record<'nl' | 'de', Words>> = {
  nl: wordsOf({ ...dutchEvents, ...dutchMessages }),
  de: wordsOf({ ...germanEvents, ...germanMessages }),
};

/** A word that occurs in more sentences is too common for a search. */
const MOST_FORMS = 40;

function wordsOf(own: Readonly<Record<string, string>>): Words {
  return Object.entries(own).map(([english, said]) => [english, said.replaceAll(PLACE, '\n').toLowerCase()]);
}

/**
 * English forms, with `{name}` for each value, whose translation contains a word. A user searches for what the page shows, but the stored
 * text is English. Null if the word is too common to narrow the search.
 */
export function formsWith(word: string, language: 'nl' | 'de'): readonly string[] | null {
  const wanted = word.toLowerCase();
  const found = sentences[language].filter(([, said]) => said.includes(wanted)).map(([english]) => english);
  return found.length > MOST_FORMS ? null : found;
}
