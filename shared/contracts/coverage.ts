import { Type, type Static } from 'typebox';

/** How many targets lay between P10 and P90; `blocks`: stretches of 6 h that they lie in, for errors of one stretch hang together. */
export const Coverage = Type.Object({
  n: Type.Integer({ minimum: 0 }),
  inside: Type.Integer({ minimum: 0 }),
  blocks: Type.Integer({ minimum: 0 }),
});
export type Coverage = Static<typeof Coverage>;
