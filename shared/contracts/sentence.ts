import { Type, type Static } from 'typebox';
import { MOST_SENTENCES } from './fit-text.ts';
import type { Immutable } from './immutable.ts';

/**
 * A sentence of an answer with its code and values. `text` is English, as it stands elsewhere in the answer. A value that is the text of
 * another sentence of the same list is said by that one.
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

/** Those of an answer, each once. */
export const SentenceList = Type.Array(Sentence, { maxItems: MOST_SENTENCES });
