import { figure } from './figure.ts';
import type { FormTable } from './said.ts';

const PLACE = /\{(\w+)\}/g;
const NUMBER = /^[-+−]?\d+(\.\d+)?$/;
/** A word of English prose, as opposed to names, numbers and times. */
const PROSE = /^[a-z]{2,}[,;:.]?$/;
/** Values that may have several words. All others are one word. */
const PHRASE =
  /^(what|why|limit|names|who|number|kind|devices|place|time|detail|changes|clamps|remedy|units|grounds|reason|error|person|holders|figures|outcomes)$/;
/** Words of people and other systems, which are never translated. */
const AS_THEY_CAME = /^(place|reason|person|holders|figures|outcomes)$/;
/** Our own words: translated if known, else unchanged. */
const AS_FAR_AS_KNOWN = /^(units|grounds|error)$/;

/** Prefix of a fault's text where its code is not sent beside it. */
const CODED = /^(LS-[A-Z]{2,12}-\d{3}): (?=.)/;

/** No sentence of ours is longer. */
const MOST_CHARACTERS = 600;
/** Most pattern matches for one text, including the texts nested in it. */
const MOST_TRIES = 200;

interface Pattern {
  /** The fixed texts around the values, in order: one more than there are values. */
  readonly fixed: readonly string[];
  readonly names: readonly string[];
  readonly own: string;
}

/** The words of a language, by the English text. */
export interface ReaderWords {
  /** Words, and sentences that may come with any code. */
  readonly words: Readonly<Record<string, string>>;
  /** More words. Entries with placeholders are not treated as sentences. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Sentences by their code. Those of `any` come with any code. */
  readonly forms: FormTable;
  readonly sentences: Readonly<Record<string, string>>;
}

/** Translates an English text that was sent with a code. */
export type Reader = (text: string, code?: string) => string | undefined;

function patternOf(english: string, own: string): Pattern {
  const parts = english.split(PLACE);
  return { fixed: parts.filter((_, at) => at % 2 === 0), names: parts.filter((_, at) => at % 2 === 1), own };
}

/**
 * Extracts the values of a form from a text. Each value ends at the first occurrence of the fixed text after it, in one pass without
 * backtracking.
 */
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
 * Builds a reader that translates an English text, including its values. It returns undefined if the sentence or a nested one is unknown,
 * because half a translation is worse than none. Gateways may send any text, so the work is bounded; `tried` gets the length of each text
 * that is matched against a pattern.
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
  /** Tries forms with more fixed text first. */
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
