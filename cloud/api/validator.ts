import AjvCompiler from '@fastify/ajv-compiler';
import type { FastifyServerOptions } from 'fastify';

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>;
type Factory = ReturnType<typeof AjvCompiler>;

const OPTIONS = { removeAdditional: false, allErrors: false, useDefaults: true } as const;

/**
 * Validates requests. Text in the URL is converted to the number or list of its schema. A body is taken literally: null is not 0, true is
 * not 1, and a quoted number is not a number.
 */
export function requestValidator(): SchemaController {
  const [exact, reading] = [AjvCompiler(), AjvCompiler()];
  const buildValidator = (externals: Parameters<Factory>[0]) => {
    const body = once(() => exact(externals, { customOptions: { ...OPTIONS, coerceTypes: false } }));
    const address = once(() => reading(externals, { customOptions: { ...OPTIONS, coerceTypes: 'array' } }));
    return (route: Parameters<Compiler>[0] & { readonly httpPart?: string }) =>
      whenAsked(() => (route.httpPart === 'body' ? body : address)()(route));
  };
  return { compilersFactory: { buildValidator } };
}

type Compiler = ReturnType<Factory>;
type Check = ReturnType<Compiler>;

/** Compiles at the first request: compiling all routes takes longer than the rest of the start. */
function whenAsked(compile: () => Check): Check {
  const compiled = once(compile);
  const check = ((value: unknown) => {
    const isValid = compiled()(value);
    check.errors = compiled().errors ?? null;
    return isValid;
  }) as Check;
  return check;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
