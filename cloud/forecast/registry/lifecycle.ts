/**
 * The life of a model, one state machine for all of them. A candidate that the gate lets through runs in the shadow of the
 * model that answers; then it answers for a share of the places; then for all.
 */
export const modelStates = ['candidate', 'shadow', 'canary', 'active', 'held', 'retired', 'rejected'] as const;
export type ModelState = (typeof modelStates)[number];

/** What may follow a state; `rejected` is for good: what was caught does not come back. */
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

/** What a person may ask for next. */
export const askable = (from: ModelState): readonly ModelState[] => NEXT[from].filter((to) => to !== 'rejected');

/** One step of a model's life, kept for good. */
export interface Transition {
  readonly model: string;
  readonly from: ModelState | null;
  readonly to: ModelState;
  /** Plant time. */
  readonly at: number;
  /** Who asked for it; `loadstone`: the rollout itself. */
  readonly by: string;
  readonly reason: string;
}

export type Step = Pick<Transition, 'at' | 'by' | 'reason'>;
