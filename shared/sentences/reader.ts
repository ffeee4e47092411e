import { figure } from './figure.ts';
import type { FormTable } from './said.ts';

const PLACE = /\{(\w+)\}/g;
const NUMBER = /^[-+−]?\d+(\.\d+)?$/;
/** A word of English prose; names, numbers and times are none. */
const PROSE = /^[a-z]{2,}[,;:.]?$/;
/** Values that may be several words; others are one. */
const PHRASE =
  /^(what|why|limit|names|who|number|kind|devices|place|time|detail|changes|clamps|remedy|units|grounds|reason|error|person|holders|figures|outcomes)$/;
/** Somebody else's words: they stand as they came. */
const AS_THEY_CAME = /^(place|reason|person|holders|figures|outcomes)$/;
/** Of ours as far as they are known. */
const AS_FAR_AS_KNOWN = /^(units|grounds|error)$/;

/** What a fault is told as where no code stands beside it. */
const CODED = /^(LS-[A-Z]{2,12}-\d{3}): (?=.)/;

/** A longer text is no sentence of ours. */
const MOST_CHARACTERS = 600;
/** Texts in which values are looked for, of a text and all that it holds. */
const MOST_TRIES = 200;

interface Pattern {
  /** What stands between the values, in order: one more than there are values. */
  readonly fixed: readonly string[];
  readonly names: readonly string[];
  readonly own: string;
}

/** What a language has to say, by the English. */
export interface ReaderWords {
  /** Words, and sentences of which it does not matter what code they come with. */
  readonly words: Readonly<Record<string, string>>;
  /** More words; what has values among them is no sentence that is told. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Sentences by their code; `any` come with any code. */
  readonly forms: FormTable;
  readonly sentences: Readonly<Record<string, string>>;
}

/** Says in a language what was told in English with that code. */
export type Reader = (text: string, code?: string) => string | undefined;

function patternOf(english: string, own: string): Pattern {
  const parts = english.split(PLACE);
  return { fixed: parts.filter((_, at) => at % 2 === 0), names: parts.filter((_, at) => at % 2 === 1), own };
}

/** The values of a form in a text: each ends where what follows it is met first. One pass, and no second try. */
function valuesIn(text: string, { fixed, names }: Pattern): readonly string[] | undefined {
  const [first = '', ...rest] = fixed;
  const end = text.length - fixed.at(-1)!.length;
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
 * Reads what was told in English and says it in a language: a sentence that is known, its values as well. Undefined where the sentence or
 * one that it holds is not known: half a translation is worse than none. A gateway writes what it likes, and the page stays quick: `tried`
 * is told how long each text is in which values are looked for.
 */
export function reader(
  { words, texts = {}, forms, sentences }: ReaderWords,
  language: string,
  tried: (characters: number) => void = () => undefined,
): Reader {
  const known = new Map(Object.entries({ ...texts, ...words, ...sentences }));
  const general = [
    ...Object.entries(words).filter(([english]) => english.includes('{')),
    ...(forms['any'] ?? []).map((form) => [form, sentences[form]!] as const),
  ].map(([english, own]) => patternOf(english, own));
  const length = ({ fixed }: Pattern): number => fixed.join('').length;
  /** The more a form says of itself, the earlier it is tried. */
  const ordered = (patterns: readonly Pattern[]): readonly Pattern[] =>
    patterns.toSorted((one, other) => length(other) - length(one));
  const orders = new Map<string, readonly Pattern[]>();
  const patternsOf = (code: string): readonly Pattern[] => {
    const key = Object.hasOwn(forms, code) ? code : 'any';
    let order = orders.get(key);
    if (order === undefined) {
      const own = key === 'any' ? [] : forms[key]!.map((form) => patternOf(form, sentences[form]!));
      orders.set(key, (order = ordered([...own, ...general])));
    }
    return order;
  };
  return (whole, code = 'any') => {
    if (whole.length > MOST_CHARACTERS) return undefined;
    let tries = 0;
    const say = (text: string, by: string): string | undefined =>
      NUMBER.test(text) ? figure(text, language) : (known.get(text) ?? coded(text) ?? read(text, by));
    const coded = (text: string): string | undefined => {
      const [start = '', own = ''] = CODED.exec(text) ?? [];
      const said = start === '' ? undefined : say(text.slice(start.length), own);
      return said === undefined ? undefined : start + said;
    };
    const read = (text: string, by: string): string | undefined => {
      for (const pattern of patternsOf(by)) {
        if (!text.startsWith(pattern.fixed[0]!) || !text.endsWith(pattern.fixed.at(-1)!)) continue;
        if (++tries > MOST_TRIES) return undefined;
        tried(text.length);
        const values = valuesIn(text, pattern)?.map((value, at) => sayValue(value, pattern.names[at]!, by));
        if (values === undefined || values.includes(undefined)) continue;
        return pattern.own.replace(PLACE, (_, name: string) => values[pattern.names.indexOf(name)]!);
      }
      return undefined;
    };
    const sayValue = (value: string, name: string, by: string): string | undefined =>
      AS_THEY_CAME.test(name)
        ? value
        : (say(value, by) ??
          (!AS_FAR_AS_KNOWN.test(name) && /\s/.test(value) && value.split(/\s+/).some((word) => PROSE.test(word))
            ? undefined
            : value));
    return say(whole, code);
  };
}
