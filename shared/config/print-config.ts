import type { TSchema } from 'typebox';

interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/**
 * Every key of a schema as valid YAML. Defaults are shown, optional keys are commented out, required keys are left empty. Each line ends
 * with the key's meaning, type or choices, and range.
 */
export function printConfig(schema: TSchema): string {
  return `${lines(schema).join('\n')}\n`;
}

/** `given`: the default of the enclosing object, which applies to keys without a default of their own. */
function lines(node: SchemaNode, given?: unknown): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, each]) => {
    const required = node.required?.includes(key) === true;
    const holds = each.default ?? (given as Record<string, unknown> | undefined)?.[key];
    const inner = holds === undefined ? each : { ...each, default: holds };
    const found = property(key, inner, required);
    return required || inner.default !== undefined ? found : found.map(aside);
  });
}

function property(key: string, node: SchemaNode, required: boolean): string[] {
  const must = required && node.default === undefined && node.const === undefined;
  const remark = [node.description, kindOf(node), must ? 'required' : undefined].filter((part) => part !== undefined);
  const note = remark.length === 0 ? '' : `  # ${remark.join('; ')}`;
  const shapes = shapesOf(node.items ?? node);
  if (node.items !== undefined && shapes.length > 0)
    return [`${key}:${valueOf(node)}${note}`, ...shapes.flatMap((shape) => item(lines(shape))).map(aside)];
  const [named] = Object.values(node.patternProperties ?? {});
  if (named?.properties !== undefined)
    return [`${key}:${valueOf(node)}${note}`, ...['<name>:', ...lines(named).map(deeper)].map(deeper).map(aside)];
  const [meant, ...others] = meantFirst(shapes, node.default);
  if (meant === undefined) return [`${key}:${valueOf(node)}${note}`];
  return [
    `${key}:${note}`,
    ...lines(meant, node.default).map(deeper),
    ...others.flatMap((other) => [deeper('# or:'), ...lines(other).map((line) => deeper(aside(line)))]),
  ];
}

/** The object shapes that a value may have. */
const shapesOf = (node: SchemaNode): readonly SchemaNode[] =>
  (node.properties === undefined ? (node.anyOf ?? []) : [node]).filter(({ properties }) => properties !== undefined);

/** Puts the shape whose constants match the default first, because it is the one in effect. */
function meantFirst(shapes: readonly SchemaNode[], given: unknown): readonly SchemaNode[] {
  const fits = ({ properties }: SchemaNode): boolean =>
    Object.entries(properties ?? {}).every(
      ([key, { const: wanted }]) =>
        wanted === undefined || wanted === (given as Record<string, unknown> | undefined)?.[key],
    );
  return shapes.toSorted((a, b) => Number(fits(b)) - Number(fits(a)));
}

function valueOf({ default: given, const: only }: SchemaNode): string {
  const value = given ?? only;
  return value === undefined ? '' : ` ${JSON.stringify(value)}`;
}

const deeper = (line: string): string => `  ${line}`;
const aside = (line: string): string => `# ${line}`;
const item = (each: readonly string[]): string[] => each.map((line, at) => (at === 0 ? `  - ${line}` : `    ${line}`));

function kindOf(node: SchemaNode): string | undefined {
  const choices = (node.anyOf ?? []).map((each) => each.const);
  if (choices.length > 0 && choices.every((each) => each !== undefined && each !== ''))
    return `one of ${choices.map(String).join(', ')}`;
  if (node.type === undefined || node.type === 'object' || node.type === 'array' || node.const !== undefined)
    return undefined;
  const range =
    node.minimum === undefined && node.maximum === undefined
      ? ''
      : ` ${node.minimum ?? '...'} to ${node.maximum ?? '...'}`;
  return `${node.type}${range}`;
}
