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
    const body = exact(externals, { customOptions: { ...OPTIONS, coerceTypes: false } });
    const address = reading(externals, { customOptions: { ...OPTIONS, coerceTypes: 'array' } });
    return (route: Parameters<typeof body>[0] & { readonly httpPart?: string }) =>
      whenAsked(() => (route.httpPart === 'body' ? body : address)(route));
  };
  return { compilersFactory: { buildValidator } };
}

type Check = ReturnType<ReturnType<Factory>>;

/** Compiles at the first request: compiling all routes takes longer than the rest of the start. */
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
