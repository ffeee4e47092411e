/**
 * The life cycle of all models. A candidate that passes the gate runs in the shadow of the active model; then it answers at a share of the
 * places; then at all.
 */
export const modelStates = ['candidate', 'shadow', 'canary', 'active', 'held', 'retired', 'rejected'] as const;
export type ModelState = (typeof modelStates)[number];

/** Permitted transitions. `rejected` is final: a faulty model does not come back. */
const NEXT: Readonly<Record<ModelState, readonly ModelState[]>> = {
  candidate: ['shadow', 'active', 'held', 'rejected', 'retired'],
  shadow: ['canary', 'active', 'held', 'rejected', 'retired'],
  canary: ['active', 'held', 'rejected', 'retired'],
  active: ['retired', 'rejected', 'held'],
  held: ['shadow', 'active', 'retired'],
  retired: ['shadow', 'active'],
  rejected: [],
};

export const mayFollow = (from: ModelState, to: ModelState): boolean => NEXT[from].includes(to);

/** The states that a person may request next. */
export const askable = (from: ModelState): readonly ModelState[] => NEXT[from].filter((to) => to !== 'rejected');

/** One transition of a model; kept as long as the model. */
export interface Transition {
  readonly model: string;
  readonly from: ModelState | null;
  readonly to: ModelState;
  /** Plant time. */
  readonly at: number;
  /** The person; `loadstone`: the rollout itself. */
  readonly by: string;
  readonly reason: string;
}

export type Step = Pick<Transition, 'at' | 'by' | 'reason'>;
