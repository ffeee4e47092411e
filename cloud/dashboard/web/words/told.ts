import type { Catalogue } from './catalogue.ts';
import { figure } from './figure.ts';

const PLACE = /\{(\w+)\}/g;
const NUMBER = /^[-+−]?\d+(\.\d+)?$/;
/** A word of English prose; names, numbers and times are none. */
const PROSE = /^[a-z]{2,}[,;:.]?$/;
/** So deep do sentences hold others. */
const MOST_DEEP = 4;

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
  /^(what|why|cause|conflict|limit|otherLimit|subject|other|one|last|finding|instead|element|devices?|names|place|constraint|by|who|number|kind)$/;
const shapeOf = (name: string): string =>
  PHRASE.test(name) ? '.+?' : /^(time|from|to)$/.test(name) ? String.raw`\S+(?: \d\d:\d\dZ)?` : String.raw`\S+`;

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
  const say = (text: string, deep: number): string | undefined => {
    if (NUMBER.test(text)) return figure(text, language);
    const whole = known.get(text);
    if (whole !== undefined || deep > MOST_DEEP) return whole;
    for (const { english, own } of patterns) {
      const values = english.exec(text)?.groups;
      if (values === undefined) continue;
      const said = Object.entries(values).map(([name, value]) => [name, sayValue(value, deep)] as const);
      if (said.some(([, value]) => value === undefined)) continue;
      const byName = new Map(said);
      return own.replace(PLACE, (_, name: string) => byName.get(name) ?? '');
    }
    return undefined;
  };
  const sayValue = (value: string, deep: number): string | undefined =>
    say(value, deep + 1) ??
    (value.split(/\s+/).length > 1 && value.split(/\s+/).some((word) => PROSE.test(word)) ? undefined : value);
  return (text) => say(text, 0);
}
