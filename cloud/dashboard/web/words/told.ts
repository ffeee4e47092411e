import type { Catalogue } from './catalogue.ts';
import { figure } from '../../../../shared/sentences/figure.ts';

const PLACE = /\{(\w+)\}/g;
const NUMBER = /^[-+−]?\d+(\.\d+)?$/;
/** A word of English prose; names, numbers and times are none. */
const PROSE = /^[a-z]{2,}[,;:.]?$/;

interface Pattern {
  readonly english: RegExp;
  readonly own: string;
}

/** Sentences by their English form. The more a form says of itself, the earlier it is tried. */
function patternsOf(told: Catalogue['told']): readonly Pattern[] {
  const fixed = (english: string): number => english.replace(PLACE, '').length;
  return Object.entries(told)
    .filter(([english]) => english.includes('{'))
    .toSorted(([one], [other]) => fixed(other) - fixed(one))
    .map(([english, own]) => ({ english: matcher(english), own }));
}

/** Values that may be several words; others are one, a time with its day is two. */
const PHRASE =
  /^(what|why|cause|conflict|collapse|limit|subject|others?|one|finding|instead|element|devices?|names|place|constraint|by|who|number|kind|moves|saved|passed|buses|parts?|clock|how)$/;
const SHAPES: Readonly<Record<string, string>> = {
  time: String.raw`\S+(?: \d\d:\d\dZ)?`,
  from: String.raw`\S+(?: \d\d:\d\dZ)?`,
  to: String.raw`\S+(?: \d\d:\d\dZ)?`,
  when: String.raw`(?:at|from) \S+(?: to \S+)?`,
  value: String.raw`\S+(?: to \S+)?`,
};
const shapeOf = (name: string): string => (PHRASE.test(name) ? '.+?' : (SHAPES[name] ?? String.raw`\S+`));

function matcher(english: string): RegExp {
  const parts = english
    .split(PLACE)
    .map((part, at) => (at % 2 === 0 ? RegExp.escape(part) : `(?<${part}>${shapeOf(part)})`));
  return new RegExp(`^${parts.join('')}$`, 's');
}

/**
 * Says in a language what was told in English: a sentence that is known, its values as well. Undefined where the sentence or one that it
 * holds is not known: half a translation is worse than none.
 */
export function interpreter({ told, texts }: Catalogue, language: string): (text: string) => string | undefined {
  const patterns = patternsOf(told);
  const known = new Map(Object.entries({ ...texts, ...told }));
  return (whole) => {
    // A value is shorter than what holds it, so this ends; the same part is met on several ways.
    const heard = new Map<string, string | undefined>();
    const say = (text: string): string | undefined => {
      if (NUMBER.test(text)) return figure(text, language);
      const fixed = known.get(text);
      if (fixed !== undefined) return fixed;
      if (!heard.has(text)) heard.set(text, read(text));
      return heard.get(text);
    };
    const read = (text: string): string | undefined => {
      for (const { english, own } of patterns) {
        const values = english.exec(text)?.groups;
        if (values === undefined) continue;
        const said = Object.entries(values).map(([name, value]) => [name, sayValue(value)] as const);
        if (said.some(([, value]) => value === undefined)) continue;
        const byName = new Map(said);
        return own.replace(PLACE, (_, name: string) => byName.get(name) ?? '');
      }
      return undefined;
    };
    const sayValue = (value: string): string | undefined =>
      say(value) ?? (/\s/.test(value) && value.split(/\s+/).some((word) => PROSE.test(word)) ? undefined : value);
    return say(whole);
  };
}
