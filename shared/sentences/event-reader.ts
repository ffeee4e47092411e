import { eventForms, type EventWords } from './event-forms.ts';
import { reader, type Reader } from './reader.ts';
import type { FormTable } from './said.ts';
import { toldForms, type ToldWords } from './told-forms.ts';

/** Forms of all that is told with a code. Of those of events the values stand in the text too: older gateways told nothing beside it. */
const forms: FormTable = Object.fromEntries(
  [...Object.keys(eventForms), ...Object.keys(toldForms)].map((code) => [
    code,
    [...((eventForms as FormTable)[code] ?? []), ...((toldForms as FormTable)[code] ?? [])],
  ]),
);

export interface EventReaderWords {
  readonly events: EventWords;
  readonly told: ToldWords;
  /** Words, and sentences of which it does not matter what code they come with. */
  readonly words: Readonly<Record<string, string>>;
  /** More words; what has values among them is no sentence that is told. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** Says in a language what gateways and cloud told in English, by its code. */
export const eventReader = (
  { events, told, words, texts = {} }: EventReaderWords,
  language: string,
  tried?: (characters: number) => void,
): Reader => reader({ words, texts, forms, sentences: { ...events, ...told } }, language, tried);
