import type { InterventionView } from '../../shared/contracts/desk.ts';

/** What a spell is known again by after a restart: the command of an override, and what the device did before it began, kW. */
export interface SpellMarks {
  readonly command: string | null;
  readonly freeKw: number;
}

export type NewIntervention = Omit<InterventionView, 'id' | 'endedAt'> & SpellMarks;

export interface OpenIntervention extends Progress, SpellMarks {
  readonly gateway: string;
  readonly device: string;
  readonly kind: InterventionView['kind'];
}

export interface Progress {
  readonly id: number;
  readonly seenAt: number;
  readonly endedAt: number | null;
  readonly depthKw: number;
  readonly energyKwh: number;
  readonly command: string | null;
}

/** Begun in [from, to), ms UTC of plant time; `before` is the id to go on below. */
export interface InterventionQuery {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly before?: number | undefined;
}

/** The register of interventions: who held which device, when, how deep, why, and on which measurement. */
export interface InterventionStore {
  /** What was going on when the process ended. */
  unended(): Promise<OpenIntervention[]>;
  /** Keeps what begins and what went on or ended, all of it or nothing; answers with the ids of what begins, in order. */
  commit(begun: readonly NewIntervention[], went: readonly Progress[]): Promise<number[]>;
  /** Newest first. */
  list(query: InterventionQuery): Promise<InterventionView[]>;
}
