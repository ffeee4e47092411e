import type { AreaLossView } from '../../shared/contracts/areas.ts';

/** Holder of an area, and the pending offer. Plant time, ms UTC. */
export interface Holding {
  readonly target: string;
  readonly holder: string;
  readonly since: number;
  readonly offer: { readonly to: string; readonly reason: string; readonly at: number } | null;
}

/** An area as it was read, and its new state. Undefined: unheld. */
export interface AreaMove {
  readonly target: string;
  readonly from: Holding | undefined;
  readonly to: Holding | undefined;
}

export type Loss = Omit<AreaLossView, 'id'>;

/** Holders of the areas of responsibility, and losses that holders have not seen yet. */
export interface AreaStore {
  /** Held areas, by target; losses, oldest first. */
  load(): Promise<{ readonly holdings: readonly Holding[]; readonly losses: readonly AreaLossView[] }>;
  /**
   * Applies all changes atomically. False: an area had changed meanwhile, so nothing changed. Of several conflicting concurrent changes
   * exactly one succeeds. Keeps the newest fifty losses of each holder.
   */
  change(moves: readonly AreaMove[], lost: readonly Loss[]): Promise<boolean>;
  /** Removes a loss of a holder: exactly one of several concurrent callers gets it. */
  seen(holder: string, id: number): Promise<AreaLossView | undefined>;
}
