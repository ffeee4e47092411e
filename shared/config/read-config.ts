import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { Default } from 'typebox/value';
import { isMap, isSeq, type Document, type LineCounter, type Node } from 'yaml';
import type { ErrorCode } from '../outcome/catalogue.ts';
import { LoadstoneError } from '../outcome/outcome.ts';
import { placeCredentials } from './credentials.ts';
import { nearest } from './nearest.ts';
import { parseYaml } from './parse-yaml.ts';

/** Sources of a configuration, weakest first: file, environment, flags. */
export interface ConfigSources {
  /** Name of the file, for messages. */
  readonly file: string;
  readonly text: string;
  /** Environment variables. `LOADSTONE_UPLINK__URL` sets `uplink.url`; two underscores separate levels. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Flags by dotted key: `{'uplink.url': 'mqtt://...'}`. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
  /** The systemd unit of the service. Other commands find the unit's credentials by it. */
  readonly unit?: string;
}

/** Records a fault at the key that `path` (a JSON pointer) names. Reading stops at the end of the stage, with all of its faults. */
export type RefuseConfig = (path: string, code: ErrorCode, text: string) => void;

/** Checks that a schema cannot express: `before` gets the raw value, `after` the complete one. */
export interface ConfigChecks<Value> {
  before?(value: unknown, refuse: RefuseConfig): void;
  after?(value: Value, refuse: RefuseConfig): void;
}

/**
 * Reads YAML against a TypeBox schema and fills in defaults. Unknown keys, wrong types and out-of-range values throw LS-CONFIG errors with
 * file, line, key, what is wrong and what would be right. All faults of a stage are reported together, one per line: first keys, then
 * values, then the checks across values.
 */
export function readConfig<Schema extends TSchema>(
  schema: Schema,
  sources: ConfigSources,
  checks: ConfigChecks<Static<Schema>> = {},
): Static<Schema> {
  const { document, lines, value: read } = parseYaml(sources.text, sources.file);
  const value: unknown = withoutEmpty(read) ?? {};
  override(schema, value, environmentKeys(sources.env ?? {}));
  override(schema, value, sources.flags ?? {});
  const where = (path: string): string => `${sources.file}${lineOf(document, lines, path)}: ${dotted(path)}`;
  const faults = new Faults(where);
  const { refuse } = faults;
  placeCredentials(value, credentialsOf(sources), refuse);
  checks.before?.(value, refuse);
  refuseUnknownKeys(schema, value, (path, key, node) => {
    refuse(`${path}/${key}`, 'LS-CONFIG-001', `is not a known key; ${unknownHint(key, node)}`);
  });
  faults.end();
  const complete: unknown = Default(schema, value);
  if (!compiled(schema).Check(complete)) {
    for (const { error, node } of faultsIn(schema, complete)) {
      const negative = node?.magnitude === true && error.keyword === 'minimum';
      const given = valueIn(complete, error.instancePath.split('/').slice(1));
      const text = `${error.message}${expectation(node)}${slipIn(given, node)}`;
      refuse(error.instancePath, negative ? 'LS-CONFIG-004' : 'LS-CONFIG-002', text);
    }
    faults.end();
  }
  checks.after?.(complete as Static<Schema>, refuse);
  faults.end();
  return complete as Static<Schema>;
}

/** Held weakly: the check of a gateway's file takes 1.7 MB, and a running gateway does not need it. */
const validators = new WeakMap<object, WeakRef<Validator>>();

/** Compiles a schema once for several files. */
function compiled(schema: SchemaNode): Validator {
  const known = validators.get(schema)?.deref();
  if (known !== undefined) return known;
  const fresh = Compile(schema as TSchema);
  validators.set(schema, new WeakRef(fresh));
  return fresh;
}

const credentialsOf = ({ env = {}, unit }: ConfigSources): string | undefined =>
  env['CREDENTIALS_DIRECTORY'] ?? (unit === undefined ? undefined : `/run/credentials/${unit}`);

const MOST_FAULTS = 20;

/** Faults found so far. */
class Faults {
  readonly #where: (path: string) => string;
  readonly #found: { readonly path: string; readonly code: ErrorCode; readonly text: string }[] = [];

  constructor(where: (path: string) => string) {
    this.#where = where;
  }

  readonly refuse: RefuseConfig = (path, code, text) => {
    this.#found.push({ path, code, text });
  };

  /** Throws all faults as one error, with the code and path of the first. Does nothing if there are none. */
  end(): void {
    const [first] = this.#found;
    if (first === undefined) return;
    const lines = this.#found.slice(0, MOST_FAULTS).map(({ path, text }) => `${this.#where(path)} ${text}`);
    const more = this.#found.length - lines.length;
    if (more > 0) lines.push(`and ${more} more`);
    throw new LoadstoneError(first.code, lines.join('\n  '), first.path);
  }
}

/** Treats keys without a value as absent. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === null ? [] : [[key, withoutEmpty(each)]])),
  );
}

const PREFIX = 'LOADSTONE_';

function environmentKeys(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const found: Record<string, string | undefined> = {};
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || !name.includes('__')) continue;
    const path = name
      .slice(PREFIX.length)
      .split('__')
      .map((part) => part.toLowerCase().replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()));
    found[path.join('.')] = text;
  }
  return found;
}

function override(schema: SchemaNode, target: unknown, entries: Readonly<Record<string, string | undefined>>): void {
  for (const [key, text] of Object.entries(entries)) {
    if (text === undefined) continue;
    const path = key.split('.');
    let at = target as Record<string, unknown>;
    let nodes = [schema];
    for (const part of path.slice(0, -1)) {
      if (typeof at[part] !== 'object' || at[part] === null) at[part] = {};
      at = at[part] as Record<string, unknown>;
      nodes = nodesBelow(nodes, part);
    }
    at[path.at(-1)!] = scalar(text, nodesBelow(nodes, path.at(-1)!));
  }
}

/** What `nodes` say of a key, in every branch of a union. */
const nodesBelow = (nodes: readonly SchemaNode[], key: string): SchemaNode[] =>
  nodes.flatMap(branches).flatMap(({ properties = {}, patternProperties = {}, items }) => {
    if (items !== undefined) return [items];
    return Object.hasOwn(properties, key) ? [properties[key]!] : Object.values(patternProperties);
  });

const branches = (node: SchemaNode): readonly SchemaNode[] => node.anyOf?.flatMap(branches) ?? [node];

const NO_TEXT = ['number', 'integer', 'boolean'];

/** A number or a boolean where the text looks like one, but the text itself where `nodes` take text and neither of these. */
function scalar(text: string, nodes: readonly SchemaNode[]): unknown {
  const types = nodes.flatMap(branches).map(({ type = '' }) => type);
  if (types.includes('string') && !types.some((type) => NO_TEXT.includes(type))) return text;
  if (/^(true|false)$/.test(text)) return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly const?: unknown;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
  /** A limit whose name carries its direction: a negative value is LS-CONFIG-004. */
  readonly magnitude?: boolean;
}

type Refuse = (path: string, key: string, node: SchemaNode) => void;

function refuseUnknownKeys(schema: SchemaNode, value: unknown, refuse: Refuse, path = ''): void {
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries())
      if (schema.items !== undefined) refuseUnknownKeys(schema.items, each, refuse, `${path}/${index}`);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const node = branchFor(schema, value as Record<string, unknown>);
  if (node.properties === undefined || node.patternProperties !== undefined) return;
  for (const [key, each] of Object.entries(value)) {
    const inner = Object.hasOwn(node.properties, key) ? node.properties[key] : undefined;
    if (inner === undefined) refuse(path, key, node);
    else refuseUnknownKeys(inner, each, refuse, `${path}/${key}`);
  }
}

/** Suggests the nearest key, or the section here that has the key. */
function unknownHint(key: string, { properties = {} }: SchemaNode): string {
  const known = Object.keys(properties);
  const near = nearest(key, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  const section = known.find((each) => Object.hasOwn(properties[each]!.properties ?? {}, key));
  if (section !== undefined) return `it belongs to ${section}: indent it below that`;
  return `known here: ${known.join(', ')}`;
}

/** The branch of a union whose constants (`type`, `driver`) match the value, else the branch that knows most of its keys. */
export function branchFor(schema: SchemaNode, value: Record<string, unknown>): SchemaNode {
  if (schema.anyOf === undefined) return schema;
  const score = (node: SchemaNode): number =>
    Object.entries(node.properties ?? {}).reduce((sum, [key, property]) => {
      if (!Object.hasOwn(value, key)) return sum;
      return sum + (property.const === undefined ? 1 : property.const === value[key] ? 100 : -100);
    }, 0);
  return schema.anyOf.toSorted((a, b) => score(b) - score(a))[0]!;
}

interface Found {
  readonly error: { readonly instancePath: string; readonly keyword: string; readonly message: string };
  readonly node: SchemaNode | undefined;
}

/** Each fault separately: those of the properties and items that are wrong, else that of the value itself. */
function faultsIn(schema: SchemaNode, value: unknown, base = ''): Found[] {
  if (compiled(schema).Check(value)) return [];
  if (typeof value !== 'object' || value === null) return [faultIn(schema, value, base)];
  if (schema.items !== undefined && !Array.isArray(value)) return [faultIn(schema, value, base)];
  const meant = isChoiceOfObjects(schema) ? branchFor(schema, value) : schema;
  const complete: unknown = meant === schema ? value : Default(meant as TSchema, value);
  const inner = Object.entries(complete as Record<string, unknown>).flatMap(([key, each]) => {
    const node = meant.items ?? meant.properties?.[key];
    return node === undefined ? [] : faultsIn(node, each, `${base}/${key}`);
  });
  const missing = compiled(meant)
    .Errors(complete)
    .filter(({ keyword, instancePath }) => keyword === 'required' && instancePath === '')
    .map((error): Found => ({ error: { ...error, instancePath: base }, node: meant }));
  const found = [...missing, ...inner];
  return found.length > 0 ? found : [faultIn(schema, value, base)];
}

/** The deepest fault. Within a union, only the branch that the value means counts, because faults of the others do not help. */
function faultIn(schema: SchemaNode, value: unknown, base = ''): Found {
  const error = deepest(compiled(schema).Errors(value));
  const parts = error.instancePath.split('/').slice(1);
  for (let length = 0; length <= parts.length; length++) {
    const path = parts
      .slice(0, length)
      .map((part) => `/${part}`)
      .join('');
    const node = schemaAt(schema, path);
    const inner = valueIn(value, parts.slice(0, length));
    if (!isChoiceOfObjects(node) || typeof inner !== 'object' || inner === null) continue;
    const branch = branchFor(node, inner as Record<string, unknown>);
    const complete: unknown = Default(branch as TSchema, inner);
    if (!compiled(branch).Check(complete)) return faultIn(branch, complete, base + path);
  }
  return { error: { ...error, instancePath: base + error.instancePath }, node: schemaAt(schema, error.instancePath) };
}

const isChoiceOfObjects = (node: SchemaNode | undefined): node is SchemaNode =>
  node?.anyOf?.every(({ properties }) => properties !== undefined) === true;

const valueIn = (value: unknown, parts: readonly string[]): unknown =>
  parts.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], value);

function schemaAt(schema: SchemaNode, path: string): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema;
  for (const part of path.split('/').slice(1)) {
    node = node?.properties?.[part] ?? node?.items ?? undefined;
  }
  return node;
}

function expectation(node: SchemaNode | undefined): string {
  if (node === undefined) return '';
  const constants = (node.anyOf ?? []).map((each) => each.const).filter((each) => each !== undefined);
  if (constants.length > 0) return `; one of ${constants.map(String).join(', ')}`;
  return node.description === undefined ? '' : `; expected: ${node.description}`;
}

/** A hint for a value that nearly fits. */
function slipIn(given: unknown, node: SchemaNode | undefined): string {
  if (node?.items !== undefined) return '; begin each entry of the list with "- "';
  if (typeof given !== 'string') return '';
  if (node?.type === 'number' || node?.type === 'integer')
    return `; it is "${given}": write only the number, such as 630.5`;
  const near = nearest(
    given,
    (node?.anyOf ?? []).map((each) => each.const).filter((each) => typeof each === 'string'),
  );
  return near === undefined ? '' : `; did you mean "${near}"?`;
}

const deepest = <E extends { instancePath: string; message: string }>(errors: readonly E[]): E =>
  errors.toSorted((a, b) => b.instancePath.length - a.instancePath.length)[0]!;

const dotted = (path: string): string => path.slice(1).replaceAll('/', '.') || 'the file, lines of "key: value",';

function lineOf(document: Document, lines: LineCounter, path: string): string {
  const parts = path
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  for (let length = parts.length; length > 0; length--) {
    const offset = offsetOf(document, parts.slice(0, length));
    if (offset !== undefined) return `:${lines.linePos(offset).line}`;
  }
  return '';
}

function offsetOf(document: Document, path: readonly (string | number)[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1)!;
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => String((key as { value?: unknown }).value ?? key) === String(last));
    return (pair?.key as Node | undefined)?.range?.[0];
  }
  if (isSeq(parent)) return (parent.items[Number(last)] as Node | undefined)?.range?.[0];
  return undefined;
}
