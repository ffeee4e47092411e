import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { nearest } from '../../shared/config/nearest.ts';
import type { ProblemAnswer } from '../../shared/contracts/problem.ts';
import { catalogue, type ErrorCode } from '../../shared/outcome/catalogue.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { isSafe } from './callers/transport.ts';

export function problem(code: ErrorCode, detail: string, errors?: ProblemAnswer['errors']): ProblemAnswer {
  const { status, title, remedy } = catalogue[code];
  const base = { type: `urn:loadstone:error:${code}`, title, status, detail, code, remedy };
  return errors === undefined ? base : { ...base, errors };
}

export function sendProblem(reply: FastifyReply, body: ProblemAnswer): FastifyReply {
  return reply.status(body.status).type('application/problem+json').serializer(JSON.stringify).send(body);
}

function toProblem(error: FastifyError | LoadstoneError, request: FastifyRequest): ProblemAnswer {
  if (error instanceof LoadstoneError) {
    // A read is safe to repeat, so it gets the retryable code.
    if (error.code === 'LS-API-017' && isSafe(request)) return problem('LS-API-009', error.message);
    const errors = error.pointer === undefined ? undefined : [{ pointer: error.pointer, detail: error.message }];
    return problem(error.code, error.message, errors);
  }
  if (error.validation !== undefined) {
    const context = error.validationContext ?? 'request';
    const schema = (request.routeOptions.schema as Readonly<Record<string, unknown>> | undefined)?.[context];
    const value = context === 'querystring' ? request.query : context === 'body' ? request.body : request.params;
    const errors = misfits(meant(error.validation, schema, value), schema).map(({ path, detail }) => ({
      pointer: `/${context}${path}`,
      detail,
    }));
    return problem('LS-API-001', errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '), errors);
  }
  if (error.statusCode === 413) return problem('LS-API-006', 'the body is too large');
  if (error.statusCode === 415)
    return problem(
      'LS-API-001',
      'this Content-Type is not accepted: send application/json, or a type that the route names',
    );
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return problem('LS-API-001', error.message);
  }
  return problem('LS-API-010', 'internal error; details are in the log');
}

type Misfit = NonNullable<FastifyError['validation']>[number];

/**
 * Reports each validation error once. In a union each branch reports its own; the deepest ones belong to the branch that was meant. Allowed
 * values at one place are reported together.
 */
function misfits(all: readonly Misfit[], schema: unknown): { readonly path: string; readonly detail: string }[] {
  const depthOf = ({ instancePath }: Misfit): number => instancePath.split('/').length;
  const deepest = Math.max(...all.map(depthOf));
  const found = all.filter((each) => depthOf(each) === deepest);
  const [{ instancePath: path } = { instancePath: '' }] = found;
  const words = found.flatMap(wordsOf);
  const others = found.filter((each) => each.keyword !== 'anyOf' && wordsOf(each).length === 0);
  const problems = others.map((each) => ({ path: each.instancePath, detail: detailOf(each, nodeOf(each, schema)) }));
  if (words.length > 0) problems.unshift({ path, detail: `must be ${listed([...new Set(words)])}` });
  return problems.length > 0 ? problems : [{ path, detail: 'is not valid' }];
}

/** Returns the values that an error would accept. */
function wordsOf({ keyword, params }: Misfit): string[] {
  if (keyword === 'const') return [String(params['allowedValue'])];
  return keyword === 'enum' ? (params['allowedValues'] as readonly unknown[]).map(String) : [];
}

const listed = (words: readonly string[]): string =>
  words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly const?: unknown;
  readonly description?: string;
  readonly examples?: readonly string[];
}

const stepsOf = (pointer: string): string[] => pointer.split('/').slice(1).map(decodeURIComponent);
const at = (value: unknown, steps: readonly string[]): unknown =>
  steps.reduce<unknown>((inner, step) => (inner as Record<string, unknown> | null | undefined)?.[step], value);

/** Returns the schema at the place of an error. */
const nodeOf = ({ schemaPath }: Misfit, schema: unknown): SchemaNode =>
  schemaPath.startsWith('#/') ? ((at(schema, stepsOf(schemaPath).slice(0, -1)) as SchemaNode | undefined) ?? {}) : {};

/** For a union of objects with a discriminator such as `type`, keeps only the errors of the branch that the value names. */
function meant(all: readonly Misfit[], schema: unknown, value: unknown): readonly Misfit[] {
  const own = all.filter((each) => {
    const given = at(value, stepsOf(each.instancePath));
    return Object.entries(nodeOf(each, schema).properties ?? {}).every(([key, { const: word }]) => {
      const said = at(given, [key]);
      return word === undefined || said === undefined || said === word;
    });
  });
  return own.length === 0 ? all : own;
}

function detailOf({ keyword, message, params }: Misfit, node: SchemaNode): string {
  const unknown = keyword === 'additionalProperties' ? params['additionalProperty'] : undefined;
  if (typeof unknown === 'string') {
    const near = nearest(unknown.slice(0, 80), Object.keys(node.properties ?? {}));
    return `there is no "${unknown.slice(0, 80)}" here${near === undefined ? '' : `; did you mean "${near}"?`}`;
  }
  if (keyword !== 'pattern') return message ?? 'is not valid';
  const [example] = node.examples ?? [];
  const right = [node.description, example === undefined ? undefined : `such as ${example}`];
  const words = right.filter((part) => part !== undefined).join(', ');
  return words === '' ? (message ?? 'is not valid') : `expected: ${words}`;
}

/**
 * Answers every error as a problem document (RFC 9457); only our own bugs are logged with their stack. `page` answers requests for a
 * missing screen, and returns whether it did.
 */
export function installProblems(
  app: FastifyInstance,
  {
    onBug,
    page,
  }: {
    readonly onBug: (error: unknown) => void;
    readonly page: ((request: FastifyRequest, reply: FastifyReply) => Promise<boolean>) | undefined;
  },
): void {
  app.setErrorHandler((error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const body = toProblem(error, request);
    if (body.code === 'LS-API-010') onBug(error);
    return sendProblem(reply, body);
  });
  app.setNotFoundHandler(async (request, reply) => {
    if ((await page?.(request, reply)) === true) return reply;
    return sendProblem(reply, problem('LS-API-004', `there is no ${request.method} ${request.url.split('?')[0]}`));
  });
}
