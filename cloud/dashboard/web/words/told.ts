import type { Catalogue } from './catalogue.ts';
import { figure } from '../../../../shared/sentences/figure.ts';

const PLACE = /\{(\w+)\}/g;
const NUMBER = /^[-+−]?\d+(\.\d+)?$/;
/** A word of English prose; names, numbers and times are none. */
const PROSE = /^[a-z]{2,}[,;:.]?$/;
/** Values that may be several words; others are one. */
const PHRASE = /^(what|why|limit|names|element|who|number|kind)$/;

/** A longer text is no sentence of ours. */
const MOST_CHARACTERS = 600;
/** Forms that are tried for a text and all that it holds. */
const MOST_TRIES = 200;

interface Pattern {
  /** What stands between the values, in order: one more than there are values. */
  readonly fixed: readonly string[];
  readonly names: readonly string[];
  readonly own: string;
}

/** Sentences by their English form. The more a form says of itself, the earlier it is tried. */
function patternsOf(told: Catalogue['told']): readonly Pattern[] {
  const length = ({ fixed }: Pattern): number => fixed.join('').length;
  return Object.entries(told)
    .filter(([english]) => english.includes('{'))
    .map(([english, own]) => {
      const parts = english.split(PLACE);
      return { fixed: parts.filter((_, at) => at % 2 === 0), names: parts.filter((_, at) => at % 2 === 1), own };
    })
    .toSorted((one, other) => length(other) - length(one));
}

/** The values of a form in a text: each ends where what follows it is met first. One pass, and no second try. */
function valuesIn(text: string, { fixed, names }: Pattern): readonly string[] | undefined {
  const [first = '', ...rest] = fixed;
  const last = fixed.at(-1)!;
  if (!text.startsWith(first) || !text.endsWith(last)) return undefined;
  const end = text.length - last.length;
  const values: string[] = [];
  let from = first.length;
  for (const [at, name] of names.entries()) {
    const to = at === names.length - 1 ? end : text.indexOf(rest[at]!, from + 1);
    if (to <= from || to > end) return undefined;
    const value = text.slice(from, to);
    if (!PHRASE.test(name) && /\s/.test(value)) return undefined;
    values.push(value);
    from = to + rest[at]!.length;
  }
  return values;
}

/**
 * Says in a language what was told in English: a sentence that is known, its values as well. Undefined where the sentence or one that it
 * holds is not known: half a translation is worse than none. A gateway writes what it likes, and the page stays quick: `tried` is told
 * how long each text is that a form is tried on.
 */
export function interpreter(
  { told, texts }: Catalogue,
  language: string,
  tried: (characters: number) => void = () => undefined,
): (text: string) => string | undefined {
  const patterns = patternsOf(told);
  const known = new Map(Object.entries({ ...texts, ...told }));
  return (whole) => {
    if (whole.length > MOST_CHARACTERS) return undefined;
    let tries = 0;
    const say = (text: string): string | undefined =>
      NUMBER.test(text) ? figure(text, language) : (known.get(text) ?? read(text));
    const read = (text: string): string | undefined => {
      for (const pattern of patterns) {
        if (++tries > MOST_TRIES) return undefined;
        tried(text.length);
        const values = valuesIn(text, pattern)?.map(sayValue);
        if (values === undefined || values.includes(undefined)) continue;
        return pattern.own.replace(PLACE, (_, name: string) => values[pattern.names.indexOf(name)]!);
      }
      return undefined;
    };
    const sayValue = (value: string): string | undefined =>
      say(value) ?? (/\s/.test(value) && value.split(/\s+/).some((word) => PROSE.test(word)) ? undefined : value);
    return say(whole);
  };
}
