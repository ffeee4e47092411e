import { Type, type Static } from 'typebox';
import { MOST_SENTENCES } from './fit-text.ts';
import type { Immutable } from './immutable.ts';

/**
 * A sentence of an answer with its code and values. `text` is the English text, as elsewhere in the answer. If a value equals the text of
 * another sentence of the list, it stands for that sentence.
 */
export const Sentence = Type.Object(
  {
    code: Type.String({ maxLength: 64 }),
    text: Type.String({ maxLength: 2000 }),
    parameters: Type.Optional(
      Type.Record(Type.String({ maxLength: 40 }), Type.Union([Type.Number(), Type.String({ maxLength: 2000 })])),
    ),
  },
  { additionalProperties: false },
);
export type Sentence = Immutable<Static<typeof Sentence>>;

/** The sentences of an answer, each once. */
export const SentenceList = Type.Array(Sentence, { maxItems: MOST_SENTENCES });
