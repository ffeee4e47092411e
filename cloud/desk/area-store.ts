import type { AreaLossView } from '../../shared/contracts/areas.ts';

/** Who holds an area, and to whom it is offered. Plant time, ms UTC. */
export interface Holding {
  readonly target: string;
  readonly holder: string;
  readonly since: number;
  readonly offer: { readonly to: string; readonly reason: string; readonly at: number } | null;
}

/** An area as it was read, and as it becomes. Undefined: nobody holds it. */
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
   * Applies all changes in one step. False: an area had changed meanwhile, so nothing changed. Of many concurrent changes exactly one
   * succeeds. The newest fifty losses of each holder are kept.
   */
  change(moves: readonly AreaMove[], lost: readonly Loss[]): Promise<boolean>;
  /** Takes out a loss of a holder: of many at once exactly one gets it. */
  seen(holder: string, id: number): Promise<AreaLossView | undefined>;
}
