import type { TSchema } from 'typebox';

interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Every key of a schema as commented YAML: meaning, type or choices, range, default, and whether it must be given. */
export function printConfig(schema: TSchema): string {
  return `${lines(schema, 0).join('\n')}\n`;
}

function lines(node: SchemaNode, depth: number): string[] {
  const indent = '  '.repeat(depth);
  return Object.entries(node.properties ?? {}).flatMap(([key, inner]) => {
    const required = node.required?.includes(key) === true && inner.default === undefined;
    const remark = [inner.description, kindOf(inner), required ? 'must be given' : undefined].filter(
      (part) => part !== undefined,
    );
    const note = remark.length === 0 ? '' : `  # ${remark.join('; ')}`;
    const child = inner.items ?? inner;
    const variants = (child.properties === undefined ? (child.anyOf ?? []) : [child]).filter(
      ({ properties }) => properties !== undefined,
    );
    if (variants.length > 0) {
      const list = inner.items !== undefined;
      const inside = variants.map((variant) => lines(variant, list ? depth + 2 : depth + 1));
      if (list) for (const each of inside) each[0] = `${indent}  - ${each[0]?.trimStart() ?? ''}`;
      return [
        `${indent}${key}:${note}`,
        ...inside.flatMap((each, at) => (at === 0 || list ? each : [`${indent}  # or:`, ...each])),
      ];
    }
    const value = inner.default === undefined ? '' : ` ${JSON.stringify(inner.default)}`;
    return [`${indent}${key}:${value}${note}`];
  });
}

function kindOf(node: SchemaNode): string | undefined {
  const choices = (node.anyOf ?? []).map((each) => each.const).filter((each) => each !== undefined);
  if (choices.length > 0) return `one of ${choices.map(String).join(', ')}`;
  if (node.type === undefined || node.type === 'object' || node.type === 'array') return undefined;
  const range =
    node.minimum === undefined && node.maximum === undefined
      ? ''
      : ` ${node.minimum ?? '...'} to ${node.maximum ?? '...'}`;
  return `${node.type}${range}`;
}
