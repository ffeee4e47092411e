import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { bad, good, type Outcome } from '../outcome/outcome.ts';
import type { ErrorCode } from '../outcome/catalogue.ts';

/** Compiles a schema into a check that returns the value, or a coded fault that names the place. */
export function checker<Schema extends TSchema>(
  schema: Schema,
  code: ErrorCode,
): (value: unknown) => Outcome<Static<Schema>> {
  const compiled = Compile(schema);
  return (value) => {
    if (compiled.Check(value)) return good(value);
    const first = compiled.Errors(value)[0];
    const pointer = first?.instancePath ?? '';
    return bad(code, `${pointer === '' ? 'the value' : pointer}: ${first?.message ?? 'is not valid'}`, pointer);
  };
}
