import { figure } from './figure.ts';

/** A sentence of the cloud as it is told, `{name}` for each of its values, and how a language says it. */
export type Pattern = readonly [english: RegExp, own: string];

/** Sentences by their English form. The more a form says of itself, the earlier it is tried. */
export const patterns = (sentences: Readonly<Record<string, string>>): readonly Pattern[] =>
  Object.entries(sentences)
    .toSorted(([one], [other]) => fixed(other) - fixed(one))
    .map(([english, own]) => [matcher(english), own]);

const PLACE = /\{(\w+)\}/g;
const fixed = (english: string): number => english.replace(PLACE, '').length;

const matcher = (english: string): RegExp =>
  new RegExp(
    `^${english
      .split(PLACE)
      .map((part, at) => (at % 2 === 0 ? RegExp.escape(part) : `(?<${part}>.+?)`))
      .join('')}$`,
    's',
  );

/** Such deep do sentences hold others. */
const MOST_DEEP = 4;
const NUMBER = /^[-+−]?\d+(\.\d+)?$/;

interface Words {
  readonly texts: Readonly<Record<string, string>>;
  readonly told: readonly Pattern[];
}

/** The sentence in the language of the words, its values as well; as it came where they do not know it. */
export function rendered(text: string, words: Words, language: string, depth = 0): string {
  if (NUMBER.test(text)) return figure(text, language);
  const own = words.texts[text];
  if (own !== undefined) return own;
  if (depth > MOST_DEEP) return text;
  for (const [english, said] of words.told) {
    const found = english.exec(text);
    if (found === null) continue;
    return said.replace(PLACE, (_, name: string) => rendered(found.groups?.[name] ?? '', words, language, depth + 1));
  }
  return text;
}
