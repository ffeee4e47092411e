import { Network } from './network.ts';

export interface FieldDescription {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly meaning: string;
  readonly required: boolean;
  readonly validValues: string;
}

export interface TableDescription {
  readonly title: string;
  readonly description: string;
  readonly fields: readonly FieldDescription[];
}

interface SchemaNode {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
}

/** The unit is the suffix of the name. */
const units: readonly (readonly [RegExp, string])[] = [
  [/Kv$/, 'kV'],
  [/Kva$/, 'kVA'],
  [/Kvar$/, 'kvar'],
  [/Kwh$/, 'kWh'],
  [/Kw$/, 'kW'],
  [/Mva$/, 'MVA'],
  [/Ohm$/, 'ohm'],
  [/Us$/, 'µS'],
  [/Pu$/, 'pu'],
  [/Pct$/, '%'],
  [/Deg$/, 'degree'],
];

/** The network model as tables, derived from its schema: the document first, then each kind of element. */
export function describeNetwork(): TableDescription[] {
  const root = Network as unknown as SchemaNode;
  const kinds = Object.values(root.properties ?? {}).flatMap(({ items }) => (items === undefined ? [] : [items]));
  return [root, ...kinds].map(({ title = '', description = '', properties = {}, required = [] }) => ({
    title,
    description,
    fields: Object.entries(properties).map(([name, node]) => ({
      name,
      type:
        node.items === undefined
          ? (node.type ?? typeof (node.const ?? node.enum?.[0]))
          : `array of ${node.items.title}`,
      unit: units.find(([ending]) => ending.test(name))?.[1] ?? '',
      meaning: node.description ?? '',
      required: required.includes(name),
      validValues: validValues(node),
    })),
  }));
}

function validValues(node: SchemaNode): string {
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(', ');
  if (node.type === 'boolean') return 'true, false';
  if (node.type === 'string') return `1 to ${node.maxLength} characters`;
  if (node.type === 'object') return 'text by name';
  if (node.type !== 'number' && node.type !== 'integer') return '';
  const { minimum, maximum, exclusiveMinimum } = node;
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (exclusiveMinimum !== undefined) return `above ${exclusiveMinimum}`;
  return minimum === undefined ? 'finite' : `${minimum} or more`;
}

export function describeAsMarkdown(): string {
  const tables = describeNetwork().map(({ title, description, fields }) =>
    [
      `## ${title}`,
      '',
      description,
      '',
      '| name | type | unit | meaning | required | valid values |',
      '| --- | --- | --- | --- | --- | --- |',
      ...fields.map(
        ({ name, type, unit, meaning, required, validValues: valid }) =>
          `| ${name} | ${type} | ${unit} | ${meaning} | ${required ? 'yes' : 'no'} | ${valid} |`,
      ),
      '',
    ].join('\n'),
  );
  return ['# Network model: loadstone-grid, version 1', '', ...tables].join('\n');
}
