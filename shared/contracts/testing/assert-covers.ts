import assert from 'node:assert/strict';
import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { unwrap } from '../../outcome/outcome.ts';
import { checker } from '../validate.ts';

/** The keywords of JSON Schema that the contracts nest schemas with. */
interface Node {
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly patternProperties?: Readonly<Record<string, TSchema>>;
  readonly anyOf?: readonly TSchema[];
  readonly enum?: readonly unknown[];
  readonly items?: TSchema | readonly TSchema[];
}

interface Part {
  readonly name: string;
  readonly schema: TSchema;
}

/** The alternatives of a union, or the values of an enumeration. */
const alternativesOf = ({ anyOf, enum: values }: Node): readonly TSchema[] | undefined =>
  anyOf ?? values?.map((value) => ({ const: value }));

/** The schemas directly within one: its properties, the values of a record, alternatives, the items of a list. */
function partsWithin(schema: TSchema, at: string): Part[] {
  const { properties = {}, patternProperties = {}, items = [] } = schema as Node;
  const alternatives = alternativesOf(schema) ?? [];
  return [
    ...Object.entries(properties).map(([key, part]) => ({ name: `${at}/${key}`, schema: part })),
    ...Object.values(patternProperties).map((part) => ({ name: `${at}/*`, schema: part })),
    ...alternatives.map((part, index) => ({
      name: `${at}|${'const' in part ? String(part['const']) : index}`,
      schema: part,
    })),
    ...[items].flat().map((part, index) => ({ name: `${at}[${index}]`, schema: part })),
  ];
}

/** Names of all parts of a schema, such as `/devices[0]/link|stale`. */
const allParts = (schema: TSchema, at = ''): string[] =>
  partsWithin(schema, at).flatMap((part) => [part.name, ...allParts(part.schema, part.name)]);

/** Names of the parts of a schema that a valid value uses. A key of the value that the schema does not name is a part of its own. */
function usedParts(schema: TSchema, value: unknown, at = ''): string[] {
  const { properties = {}, patternProperties, items } = schema as Node;
  const alternatives = alternativesOf(schema);
  const within = partsWithin(schema, at);
  const used = (index: number, inner: unknown): string[] => {
    const { name, schema: part } = within[index]!;
    return [name, ...usedParts(part, inner, name)];
  };
  if (alternatives !== undefined)
    return alternatives.flatMap((part, index) => (Check(part, value) ? used(index, value) : []));
  if (Array.isArray(value))
    return value.flatMap((item, index) => (items === undefined ? [] : used(Array.isArray(items) ? index : 0, item)));
  // A schema without a type says nothing of what is within.
  if (typeof value !== 'object' || value === null || !('type' in schema)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const index = Object.keys(properties).indexOf(key);
    if (index !== -1) return used(index, inner);
    return patternProperties === undefined ? [`${at}/${key}`] : used(Object.keys(properties).length, inner);
  });
}

/** Asserts that the values are valid, use every part of the schema, and have no key that the schema does not name. */
export function assertCovers(schema: TSchema, values: readonly unknown[]): void {
  const check = checker(schema, 'LS-DOC-005');
  const used = new Set(values.flatMap((value) => usedParts(schema, unwrap(check(value)))));
  const named = new Set(allParts(schema));
  assert.deepEqual([...used.difference(named)], [], 'keys that the schema does not name');
  assert.deepEqual([...named.difference(used)], [], 'parts of the schema that no value uses');
}
