import type { Static, TSchema } from 'typebox';
import { Default } from 'typebox/value';
import { stringify } from 'yaml';
import { branchFor, type SchemaNode } from './read-config.ts';

/** The shortest YAML that reads back to `value`: it leaves out defaults. */
export function shortConfig<Schema extends TSchema>(schema: Schema, value: Static<Schema>): string {
  return stringify(differing(schema, value), { lineWidth: 0 });
}

function differing(schema: SchemaNode, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((each) => differing(items, each));
  }
  if (typeof value !== 'object' || value === null) return value;
  const { properties } = branchFor(schema, value as Record<string, unknown>);
  if (properties === undefined) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => {
      const node = properties[key];
      if (node === undefined) return [[key, each]];
      const isDefault = JSON.stringify(Default(node as TSchema, undefined)) === JSON.stringify(each);
      return isDefault ? [] : [[key, differing(node, each)]];
    }),
  );
}
