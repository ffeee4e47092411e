import type { Conflict, ConflictMember, Reason, ReserveShortfall } from '../../../shared/contracts/plan.ts';
import type { Part, Said } from '../../../shared/sentences/said.ts';

/** Parts of a plan with whole sentences; the finished plan has texts, and the sentences in a list beside them. */
export type SaidReason = Omit<Reason, 'constraint' | 'text' | 'counterfactual'> & {
  readonly constraint: Part;
  readonly text: Said;
  readonly counterfactual?: Said;
};

export type SaidMember = Omit<ConflictMember, 'text'> & { readonly text: Said };

export type SaidConflict = Omit<Conflict, 'text' | 'members'> & {
  readonly text: Said;
  readonly members: readonly SaidMember[];
};

export type SaidShortfall = Omit<ReserveShortfall, 'text'> & { readonly text: Said };

/** What a plan cannot keep: at most one of the two. */
export interface Infeasibility {
  readonly room?: SaidShortfall | undefined;
  readonly conflict?: SaidConflict;
}
