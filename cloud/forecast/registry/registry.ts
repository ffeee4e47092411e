import type { DuelDay } from '../../../shared/contracts/duel-day.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { DayScore } from '../../../shared/forecast/evaluate.ts';
import type { Outcome } from '../../../shared/outcome/outcome.ts';
import type { ModelBundle, ModelRole } from './bundle.ts';
import type { Reduction } from '../train/reduction.ts';
import type { InputReferences } from './drift/inputs.ts';
import type { GateReport } from './gate.ts';
import type { ModelState, Step, Transition } from './lifecycle.ts';
import type { WaitingPromotion, WaitingPromotions } from './second-person.ts';

/** What is known of a model beside its signed manifest. */
export interface ModelEvidence {
  /** Losses on days that the recipe, or the model itself, has not seen. */
  readonly days: readonly DayScore[];
  readonly gate?: GateReport | undefined;
  /** What a shadow's place has told of it and of the model that answered there, day by day. */
  readonly duel?: { readonly against: string; readonly days: readonly DuelDay[] } | undefined;
  /** What it learnt from, against which drift is watched. */
  readonly inputs?: InputReferences | undefined;
  readonly int8Loss?: number | null | undefined;
  /** What eight bits and pruning cost, quantile by quantile; absent: nothing was reduced, or it is not known. */
  readonly reductions?: readonly Reduction[] | undefined;
  /** One forecast on one thread of the processor, ms, as it was measured when the model came in. */
  readonly inferenceMs?: number | undefined;
  /** True: it was trained elsewhere and brought. */
  readonly imported?: boolean | undefined;
}

/** A model in the registry, without its bytes. */
export interface RegistryEntry {
  readonly manifest: ModelManifest;
  readonly role: ModelRole;
  readonly state: ModelState;
  /** Plant time of the last change of state. */
  readonly since: number;
  readonly reason: string;
  /** Models that were made together and are let out together. */
  readonly release: string;
  /** The model that it took over from, which comes back where it is rolled back. */
  readonly replaced: string | null;
  readonly evidence: ModelEvidence;
}

/** Bytes by their SHA-256. They are never overwritten. */
export interface Blobs {
  bytes(sha256: string): Promise<Uint8Array | undefined>;
  /** Keeps bytes that belong to no model of their own: the weights and updates of federated learning. */
  keepBytes(sha256: string, bytes: Uint8Array): Promise<void>;
}

/**
 * Models by id, their bytes by hash. Neither is ever overwritten; only the state of a model changes, by the steps of the life cycle, each
 * kept with who, when and why. Each change reads and writes in one step, across all processes that share the registry.
 */
export interface ModelRegistry extends Blobs, WaitingPromotions {
  /** Adds a candidate. The same bundle again changes nothing; another one under its id is LS-MODEL-001. */
  put(
    bundle: ModelBundle,
    origin: Step & { readonly release: string; readonly evidence: ModelEvidence },
  ): Promise<Outcome<RegistryEntry>>;
  /**
   * Takes one step; LS-MODEL-003 where the life cycle has none from here to there. Who becomes active retires the active one of its
   * target and role, who becomes a challenger the challenger before; an active one that is held or rejected brings back whom it replaced.
   */
  move(id: string, to: ModelState, step: Step): Promise<Outcome<RegistryEntry>>;
  /** The clock was set back: nothing has come into its state later than `now`, plant time. */
  setBack(now: number): Promise<void>;
  /** What the gate found is kept with the model. */
  setGate(id: string, report: GateReport): Promise<void>;
  /** Days of a duel that its place has told; those against another model do not count. Answers with all that count. */
  keepDuel(id: string, against: string, told: readonly DuelDay[]): Promise<readonly DuelDay[]>;
  /** Losses of a model on more recent days, told by its place. */
  refreshDays(id: string, days: readonly DayScore[]): Promise<void>;
  get(id: string): Promise<RegistryEntry | undefined>;
  /** The model of a place that has these bytes. */
  withBytes(sha256: string, target: string, role: ModelRole): Promise<RegistryEntry | undefined>;
  active(target: string, role: ModelRole): Promise<RegistryEntry | undefined>;
  /** In shadow or canary: at most one for a target and role. */
  challenger(target: string, role: ModelRole): Promise<RegistryEntry | undefined>;
  /** The one whose forecasts count: a canary, else the active one. */
  answering(target: string, role: ModelRole): Promise<RegistryEntry | undefined>;
  /** Newest first. */
  list(): Promise<readonly RegistryEntry[]>;
  /** The last of a place to come into a state. */
  newest(target: string, role: ModelRole, state: ModelState): Promise<RegistryEntry | undefined>;
  /** In some states, oldest first. */
  inStates(...states: readonly ModelState[]): Promise<readonly RegistryEntry[]>;
  ofRelease(release: string, role: ModelRole): Promise<readonly RegistryEntry[]>;
  /** The life of a model, oldest first. */
  transitions(id: string): Promise<readonly Transition[]>;
  /**
   * Forgets a few models that were retired or rejected before `time`, with their bytes and their life, but one that a standing model
   * took over from; and bytes of no model, but the newest and those that federated learning stands on. Answers how many.
   */
  prune(time: number): Promise<number>;
  /** Where federated learning stands. */
  federatedState(): Promise<unknown>;
  keepFederated(state: unknown): Promise<void>;
  /** What the watch over drift has kept, by target. */
  driftStates(): Promise<ReadonlyMap<string, unknown>>;
  keepDrift(target: string, state: unknown): Promise<void>;
  /** Promotions whose time is up at `now`, machine time, and that were not dropped yet. */
  lapsedPromotions(now: number): Promise<readonly (WaitingPromotion & { readonly model: string })[]>;
  /** Drops what has lapsed by `now`: what was asked for anew goes on waiting. */
  dropPromotion(id: string, now: number): Promise<void>;
}
