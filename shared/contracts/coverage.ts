import { Type, type Static } from 'typebox';

/**
 * How many of `n` targets lay between P10 and P90. `blocks` counts the 6 h blocks that the targets span, because errors within a block are
 * correlated.
 */
export const Coverage = Type.Object({
  n: Type.Integer({ minimum: 0 }),
  inside: Type.Integer({ minimum: 0 }),
  blocks: Type.Integer({ minimum: 0 }),
});
export type Coverage = Static<typeof Coverage>;
