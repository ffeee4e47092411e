import { events as germanEvents } from './de/events.ts';
import { told as germanTold } from './de/told.ts';
import { events as dutchEvents } from './nl/events.ts';
import { told as dutchTold } from './nl/told.ts';

const PLACE = /\{\w+\}/g;

type Words = readonly (readonly [english: string, own: string])[];

/** Sentences of events by their English; in English what is stored is what is shown. */
const sentences: Readonly<Record<'nl' | 'de', Words>> = {
  nl: wordsOf({ ...dutchEvents, ...dutchTold }),
  de: wordsOf({ ...germanEvents, ...germanTold }),
};

/** A word of more sentences than these tells none from another. */
const MOST_FORMS = 40;

function wordsOf(own: Readonly<Record<string, string>>): Words {
  return Object.entries(own).map(([english, said]) => [english, said.replaceAll(PLACE, '\n').toLowerCase()]);
}

/**
 * English sentences, `{name}` for each value, that hold a word where they are said in a language: who searches types what the page shows,
 * and what is stored is English. Null: so many do that the word narrows nothing.
 */
export function formsWith(word: string, language: 'nl' | 'de'): readonly string[] | null {
  const wanted = word.toLowerCase();
  const found = sentences[language].filter(([, said]) => said.includes(wanted)).map(([english]) => english);
  return found.length > MOST_FORMS ? null : found;
}
