import type { AreaLossView } from '../../shared/contracts/areas.ts';

/** Who holds an area, and to whom it is offered. Plant time, ms UTC. */
export interface Holding {
  readonly target: string;
  readonly holder: string;
  readonly since: number;
  readonly offer: { readonly to: string; readonly reason: string; readonly at: number } | null;
}

/** An area as it was seen, and as it becomes; undefined: nobody holds it. */
export interface AreaMove {
  readonly target: string;
  readonly from: Holding | undefined;
  readonly to: Holding | undefined;
}

export type Loss = Omit<AreaLossView, 'id'>;

/** Who holds which area of responsibility, and what holders lost and have not seen. */
export interface AreaStore {
  /** Areas that somebody holds, by target; losses, oldest first. */
  load(): Promise<{ readonly holdings: readonly Holding[]; readonly losses: readonly AreaLossView[] }>;
  /**
   * All of it in one step; false, and nothing, where one of the areas is not as it was seen any more: of many who change an area at
   * once exactly one gets true. Of each holder the newest fifty losses are kept.
   */
  change(moves: readonly AreaMove[], lost: readonly Loss[]): Promise<boolean>;
  /** Takes out a loss of a holder: of many at once exactly one gets it. */
  seen(holder: string, id: number): Promise<AreaLossView | undefined>;
}
