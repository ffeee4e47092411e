/** The part of OpenAPI 3.1 that our document uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>;
interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
export interface OpenApi {
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const HEAD = `// Generated from the OpenAPI document by \`npm run generate:client\`: do not edit.

/** A refused request, as an RFC 9457 problem document. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(\`\${problem.code}: \${problem.detail}\`);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

export interface ClientOptions {
  /** http://localhost:8080 */
  readonly baseUrl: string;
  readonly token?: string;
  /** Default: the global fetch. */
  readonly fetch?: typeof fetch;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query?: object;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send(options: ClientOptions, call: Call, accept: string): Promise<Response> {
  const url = new URL(call.path, options.baseUrl);
  for (const [name, value] of Object.entries(call.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value));
  const answer = await (options.fetch ?? fetch)(url, {
    method: call.method,
    headers: {
      accept,
      ...(options.token === undefined ? {} : { authorization: \`Bearer \${options.token}\` }),
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...call.headers,
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  });
  if (!answer.ok) throw new ProblemError((await answer.json()) as Problem);
  return answer;
}

async function ask<T>(options: ClientOptions, call: Call): Promise<T> {
  const text = await (await send(options, call, 'application/json')).text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

const file = async (options: ClientOptions, call: Call): Promise<Uint8Array> =>
  new Uint8Array(await (await send(options, call, '*/*')).arrayBuffer());
`;

/** Query parameters that only apply to a table as a file. */
const OF_FILES = ['format', 'timezone', 'excel'];

/** Generates the TypeScript client of a document: a type for each schema, and a method for each operation with an id. */
export function clientOf(document: OpenApi): string {
  const types = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)};\n`,
  );
  const methods = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) =>
      operation.operationId === undefined ? [] : methodsOf(path, method, operation),
    ),
  );
  const client = `/** The planner API as functions; each throws a ProblemError if the request is refused. */
export const plannerClient = (options: ClientOptions) => ({
${methods.join('\n')}
});
`;
  return [HEAD, ...types, client].join('\n');
}

const jsonOf = <T>(content: Readonly<Record<string, T>> | undefined): T | undefined =>
  content?.['application/json'] ?? content?.['application/geo+json'];

/** Generates a method for JSON, and one for the bytes of a file if the operation offers one; a table's file method takes the format. */
function methodsOf(path: string, method: string, operation: Operation): string[] {
  const content = operation.responses['200']?.content ?? {};
  if (Object.keys(content).length > 0 && jsonOf(content) === undefined)
    return [methodOf(path, method, { ...operation, isFile: true })];
  const { parameters = [] } = operation;
  const named = (name: string): boolean => parameters.some((each) => each.name === name);
  if (!named('format')) return [methodOf(path, method, operation)];
  const plain = parameters.filter(({ name }) => !OF_FILES.includes(name));
  const files = parameters.map((each) =>
    each.name === 'format' ? { ...each, required: true, schema: withoutJson(each.schema) } : each,
  );
  return [
    methodOf(path, method, { ...operation, parameters: plain }),
    methodOf(path, method, {
      ...operation,
      operationId: `${operation.operationId}File`,
      summary: `${operation.summary} (as a file)`,
      parameters: files,
      isFile: true,
    }),
  ];
}

const withoutJson = (schema: Schema): Schema => ({
  ...schema,
  ...(schema.anyOf && { anyOf: schema.anyOf.filter((each) => each.enum?.includes('json') !== true) }),
});

function methodOf(path: string, method: string, operation: Operation & { readonly isFile?: boolean }): string {
  const parameters = operation.parameters ?? [];
  const inPath = parameters.filter((each) => each.in === 'path');
  const inQuery = parameters.filter((each) => each.in === 'query');
  const body = operation.requestBody?.content['application/json']?.schema;
  const needsQuery = inQuery.some(({ required }) => required === true);
  const args = [
    ...inPath.map(({ name }) => `${name}: string`),
    ...(body === undefined ? [] : [`body: ${typeOf(body)}`]),
    ...(inQuery.length === 0 ? [] : [`query: ${objectType(inQuery)}${needsQuery ? '' : ' = {}'}`]),
    ...(method === 'post' ? ['headers: Readonly<Record<string, string>> = {}'] : []),
  ];
  const filled = path.replaceAll(/\{(\w+)\}/g, '${encodeURIComponent($1)}');
  const call = [
    `method: '${method.toUpperCase()}'`,
    `path: \`${filled}\``,
    ...(inQuery.length === 0 ? [] : ['query']),
    ...(body === undefined ? [] : ['body']),
    ...(method === 'post' ? ['headers'] : []),
  ];
  return `  /** ${operation.summary ?? operation.operationId}. */
  ${operation.operationId}: (${args.join(', ')}) =>
    ${operation.isFile === true ? 'file' : `ask<${answerOf(operation)}>`}(options, { ${call.join(', ')} }),`;
}

/** Returns the type of a successful answer: the union over its statuses, undefined where a status has no content. */
function answerOf({ responses }: Operation): string {
  const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  const types = good
    .map(([, { content }]) => jsonOf(content)?.schema)
    .map((schema) => (schema === undefined ? 'undefined' : typeOf(schema)));
  return types.length === 0 ? 'unknown' : [...new Set(types)].join(' | ');
}

const objectType = (
  parameters: readonly { readonly name: string; readonly required?: boolean; readonly schema: Schema }[],
): string =>
  `{ ${parameters.map(({ name, required, schema }) => `readonly ${name}${required === true ? '' : '?'}: ${typeOf(schema)}`).join('; ')} }`;

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1)!;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((each) => JSON.stringify(each)).join(' | ');
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' | ');
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return `readonly (${typeOf(schema.items ?? {})})[]`;
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    default:
      return 'unknown';
  }
}

function objectOf(schema: Schema): string {
  const own = Object.entries(schema.properties ?? {});
  const [pattern] = Object.values(schema.patternProperties ?? {});
  const more = pattern ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
  if (own.length === 0) return `Readonly<Record<string, ${more === undefined ? 'unknown' : typeOf(more)}>>`;
  const required = new Set(schema.required ?? []);
  const fields = own.map(([name, each]) => `readonly ${name}${required.has(name) ? '' : '?'}: ${typeOf(each)}`);
  const open = more !== undefined || schema.additionalProperties === true;
  return `{ ${fields.join('; ')} }${open ? ' & Readonly<Record<string, unknown>>' : ''}`;
}
