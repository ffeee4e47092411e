/** Names of the values of a form: `{device} is empty` has device. */
export type ValuesOf<Form extends string> = Form extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ValuesOf<Rest>
  : never;

type Values<Form extends string> = [ValuesOf<Form>] extends [never]
  ? readonly []
  : readonly [Readonly<Record<ValuesOf<Form>, string | number>>];

/**
 * Says sentences of a list of forms, in English or in the language whose words are given; a value may itself be a sentence of the list.
 * Whoever says something that is not in the list does not compile, and neither does a language that lacks a form of it: so no sentence
 * can be reworded for some readers only.
 */
export const sayer =
  <const Forms extends readonly string[]>(_forms: Forms, words?: Readonly<Record<Forms[number], string>>) =>
  <Form extends Forms[number]>(form: Form, ...[values]: Values<Form>): string =>
    (words === undefined ? form : words[form]).replace(PLACE, (_, name: string) =>
      String((values as Readonly<Record<string, string | number>>)[name]),
    );

const PLACE = /\{(\w+)\}/g;
