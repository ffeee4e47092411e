import { Type } from 'typebox';

/** A value that may be unknown: null, never zero or absent. */
export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
