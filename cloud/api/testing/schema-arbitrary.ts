import * as fc from 'fast-check';

/** The part of JSON schema that the routes use. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
}

const NASTY = [
  '',
  ' ',
  '\u0000',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'NaN',
  '1e308',
  '-1',
  "';drop table forecast;--",
  '=1+1',
  '😀',
  '2021-13-99T99:99:99Z',
  '9999-12-31T23:59:59Z',
  'P999999D',
];

/** Texts that some route understands, so that a run gets past the first check. */
const KNOWN = [
  'substation:owd',
  'substation:*',
  'feeder:owd-1',
  'region:north',
  'owd',
  'owd-1',
  'north',
  '2021-09-25T00:00:00Z',
  '2021-09-25T02:00:00+02:00',
  'PT1H',
  'PT24H',
  'D-1T0600[Europe/Amsterdam]',
  'Europe/Amsterdam',
  '0.1,0.5',
];

/** Generates values of a schema, and sometimes invalid ones. */
export function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  const fitting = fittingOf(schema);
  return fc.oneof(
    { arbitrary: fitting, weight: 12 },
    { arbitrary: fc.constantFrom<unknown>(...NASTY, null, -1, 1e308, [], {}), weight: 1 },
  );
}

function fittingOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(valuesOf));
  const examples = schema.examples ?? [];
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(6, schema.maxItems ?? 6),
      });
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1000, max: Math.min(schema.maximum ?? 100_000, 2 ** 31 - 1) });
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.oneof(
        { arbitrary: fc.constantFrom<unknown>(...KNOWN, ...examples), weight: 8 },
        { arbitrary: fc.constantFrom(...NASTY), weight: 1 },
        { arbitrary: fc.string({ maxLength: Math.min(40, schema.maxLength ?? 40) }), weight: 1 },
      );
  }
}

function objectOf(schema: Schema): fc.Arbitrary<unknown> {
  const properties = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, each]) => [name, valuesOf(each)]),
  );
  return fc.record(properties, { requiredKeys: [...(schema.required ?? [])] });
}
