import { Type, type TSchema } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';

/** A cursor as the caller carries it: opaque, though it is no secret. */
export const sealCursor = (state: readonly number[]): string =>
  Buffer.from(JSON.stringify(state)).toString('base64url');

/** The numbers of a cursor of ours; anything else is LS-API-001. */
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
    // Told below.
  }
  throw new LoadstoneError('LS-API-001', 'the cursor is not one that this list has given', '/querystring/cursor');
}

/** The shape of every list. */
export const pageOf = <Item extends TSchema>(item: Item, examples?: unknown[]) =>
  Type.Object(
    { items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) },
    examples === undefined ? {} : { examples },
  );
