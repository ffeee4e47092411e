import AjvCompiler from '@fastify/ajv-compiler';
import type { FastifyServerOptions } from 'fastify';

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>;
type Factory = ReturnType<typeof AjvCompiler>;

const OPTIONS = { removeAdditional: false, allErrors: false, useDefaults: true } as const;

/**
 * How requests are checked. Text of an address is read as the number or list that its schema names; a body says what it means: null is
 * no 0, true is no 1, and a number in quotes is none.
 */
export function requestValidator(): SchemaController {
  const [exact, reading] = [AjvCompiler(), AjvCompiler()];
  const buildValidator = (externals: Parameters<Factory>[0]) => {
    const body = exact(externals, { customOptions: { ...OPTIONS, coerceTypes: false } });
    const address = reading(externals, { customOptions: { ...OPTIONS, coerceTypes: 'array' } });
    return (route: Parameters<typeof body>[0] & { readonly httpPart?: string }) =>
      whenAsked(() => (route.httpPart === 'body' ? body : address)(route));
  };
  return { compilersFactory: { buildValidator } };
}

type Check = ReturnType<ReturnType<Factory>>;

/** Compiled at the first request: all routes together take longer than the rest of the start. */
function whenAsked(compile: () => Check): Check {
  let compiled: Check | undefined;
  const check = ((value: unknown) => {
    compiled ??= compile();
    const isValid = compiled(value);
    check.errors = compiled.errors ?? null;
    return isValid;
  }) as Check;
  return check;
}
