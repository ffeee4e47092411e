import { fitText, MOST_SENTENCES } from '../contracts/fit-text.ts';
import type { Sentence } from '../contracts/sentence.ts';

/** Names of a form's values: `{device} is empty` has device. */
export type ValuesOf<Form extends string> = Form extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ValuesOf<Rest>
  : never;

type Values<Form extends string, Value> = [ValuesOf<Form>] extends [never]
  ? readonly []
  : readonly [Readonly<Record<ValuesOf<Form>, Value>>];

/**
 * Fills the forms of a list, in English or with the words of a language. A form outside the list does not compile, nor does a language that
 * lacks one, so no sentence can be reworded for some readers only.
 */
export const sayer =
  <const Forms extends readonly string[]>(_forms: Forms, words?: Readonly<Record<Forms[number], string>>) =>
  <Form extends Forms[number]>(form: Form, ...[values]: Values<Form, string | number>): string =>
    filled(words === undefined ? form : words[form], (name) =>
      String((values as Readonly<Record<string, string | number>>)[name]),
    );

/** A sentence: its English text, its code and its values. A value may itself be a sentence. */
export interface Said {
  readonly code: string;
  readonly text: string;
  readonly parameters?: Readonly<Record<string, Part>>;
}

export type Part = string | number | Said;

/** Forms of sentences by their code. */
export type FormTable = Readonly<Record<string, readonly string[]>>;
export type FormOf<Table extends FormTable> = Table[keyof Table][number];

/** Like `sayer`, for sentences that keep their code and values. Each form belongs to one code of the table. */
export function teller<const Table extends FormTable>(table: Table) {
  const codes = new Map(Object.entries(table).flatMap(([code, forms]) => forms.map((form) => [form, code] as const)));
  return <Form extends FormOf<Table>>(form: Form, ...[values]: Values<Form, Part>): Said => {
    const code = codes.get(form)!;
    if (values === undefined) return { code, text: form };
    const parameters = values as Readonly<Record<string, Part>>;
    return { code, text: filled(form, (name) => textOf(parameters[name]!)), parameters };
  };
}

export const textOf = (part: Part): string => (typeof part === 'object' ? part.text : String(part));

/** A text with its code and values, or text alone from an older version. */
export interface CodedText {
  readonly code?: string;
  readonly text: string;
  readonly parameters?: Readonly<Record<string, Part>>;
}

export const partOf = ({ code, text, parameters }: CodedText): Part =>
  code === undefined ? text : { code, text, ...(parameters === undefined ? {} : { parameters }) };

/** The values as they appear in the sentence. */
export const valuesOf = (parameters: NonNullable<CodedText['parameters']>): Record<string, string> =>
  Object.fromEntries(Object.entries(parameters).map(([name, part]) => [name, textOf(part)]));

/** The sentence with its text cut to at most `most` characters. */
export const cut = (said: Said, most: number): Said => ({ ...said, text: fitText(said.text, most) });

const MOST_TEXT = 2000;

/** Flattens sentences to the list that accompanies the texts of an answer. */
export class Sentences {
  readonly #known = new Map<string, Sentence>();

  get list(): Sentence[] {
    return [...this.#known.values()];
  }

  /**
   * Returns the English text and puts the sentence with its nested sentences on the list. If the list is full or a text is too long, only
   * the text is used.
   */
  add(part: Part): string {
    const text = textOf(part);
    if (typeof part !== 'object' || this.#known.has(text)) return text;
    const { code, parameters } = part;
    const values = Object.entries(parameters ?? {}).map(
      ([name, value]) => [name, typeof value === 'object' ? this.add(value) : value] as const,
    );
    const isLong = [text, ...values.map(([, value]) => value)].some((each) => String(each).length > MOST_TEXT);
    if (isLong || this.#known.size >= MOST_SENTENCES) return text;
    this.#known.set(text, { code, text, ...(values.length === 0 ? {} : { parameters: Object.fromEntries(values) }) });
    return text;
  }
}

export const filled = (form: string, value: (name: string) => string): string =>
  form.replaceAll(PLACE, (_, name: string) => value(name));

const PLACE = /\{(\w+)\}/g;
