import { eventForms, type EventWords } from './event-forms.ts';
import { reader, type Reader } from './reader.ts';
import type { FormTable } from './said.ts';
import { messageForms, type MessageWords } from './message-forms.ts';

/** All forms by code. The forms of events are included because older gateways sent their values only in the text. */
const forms: FormTable = Object.fromEntries(
  [...Object.keys(eventForms), ...Object.keys(messageForms)].map((code) => [
    code,
    [...((eventForms as FormTable)[code] ?? []), ...((messageForms as FormTable)[code] ?? [])],
  ]),
);

export interface EventReaderWords {
  readonly events: EventWords;
  readonly messages: MessageWords;
  /** Words, and sentences that may come with any code. */
  readonly words: Readonly<Record<string, string>>;
  /** More words. Entries with placeholders are not treated as sentences. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** Translates English texts of gateways and cloud by their code. */
export const eventReader = (
  { events, messages, words, texts = {} }: EventReaderWords,
  language: string,
  tried?: (characters: number) => void,
): Reader => reader({ words, texts, forms, sentences: { ...events, ...messages } }, language, tried);
