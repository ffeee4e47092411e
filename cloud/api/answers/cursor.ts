import { Type, type TSchema } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';

/** Encodes a cursor for the caller: opaque, but not secret. */
export const sealCursor = (state: readonly number[]): string =>
  Buffer.from(JSON.stringify(state)).toString('base64url');

/** Decodes a cursor into its numbers; throws LS-API-001 for anything else. */
export function openCursor(cursor: string, length: number): number[] {
  try {
    const state: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(state) &&
      state.length === length &&
      state.every((each) => Number.isSafeInteger(each) && each >= 0)
    )
      return state as number[];
  } catch {
    // Reported below.
  }
  throw new LoadstoneError('LS-API-001', 'this list did not issue the cursor', '/querystring/cursor');
}

/** Schema of every list. */
export const pageOf = <Item extends TSchema>(item: Item, examples?: unknown[]) =>
  Type.Object(
    { items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) },
    examples === undefined ? {} : { examples },
  );
