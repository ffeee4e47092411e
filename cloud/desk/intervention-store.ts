import type { InterventionView } from '../../shared/contracts/desk.ts';

/** Data to recognise an intervention after a restart: an override's command, and the device's power before it began, kW. */
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

/** Begun in [from, to), ms UTC of plant time; pass the last id as `before` to continue. */
export interface InterventionQuery {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly before?: number | undefined;
}

/** The register of interventions: who held which device, when, how far, why, and on which measurement. */
export interface InterventionStore {
  /** Interventions that were running when the process ended. */
  unended(): Promise<OpenIntervention[]>;
  /** Stores new, continued and ended interventions atomically; returns the ids of the new ones, in order. */
  commit(begun: readonly NewIntervention[], went: readonly Progress[]): Promise<number[]>;
  /** Newest first. */
  list(query: InterventionQuery): Promise<InterventionView[]>;
}
