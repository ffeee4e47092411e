import { Type, type Static } from 'typebox';

/** RFC 9457 problem details, with a code of our catalogue. */
export const ProblemAnswer = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    remedy: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
  },
  { $id: 'Problem', title: 'Problem' },
);
export type ProblemAnswer = Static<typeof ProblemAnswer>;
