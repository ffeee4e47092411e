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

/** Facts about a model beside its signed manifest. */
export interface ModelEvidence {
  /** Losses on days outside the training data of the recipe, or of the model itself. */
  readonly days: readonly DayScore[];
  readonly gate?: GateReport | undefined;
  /** Daily losses of a shadow model and of the model active beside it, as reported by their place. */
  readonly duel?: { readonly against: string; readonly days: readonly DuelDay[] } | undefined;
  /** Distributions of the training data, the reference for drift. */
  readonly inputs?: InputReferences | undefined;
  readonly int8Loss?: number | null | undefined;
  /** Cost of eight-bit weights and pruning, quantile by quantile; absent: nothing was reduced, or it is unknown. */
  readonly reductions?: readonly Reduction[] | undefined;
  /** Time of one forecast on one CPU thread, ms, as measured when the model was added. */
  readonly inferenceMs?: number | undefined;
  /** True: it was trained elsewhere and imported. */
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
  /** Models that were made together and are rolled out together. */
  readonly release: string;
  /** The model that it replaced, which becomes active again on a rollback. */
  readonly replaced: string | null;
  readonly evidence: ModelEvidence;
}

/** Bytes by their SHA-256, never overwritten. */
export interface Blobs {
  bytes(sha256: string): Promise<Uint8Array | undefined>;
  /** Stores bytes that belong to no model: the weights and updates of federated learning. */
  keepBytes(sha256: string, bytes: Uint8Array): Promise<void>;
}

/**
 * Models by id, their bytes by hash. Neither is ever overwritten. Only the state of a model changes, by transitions of the life cycle, each
 * stored with its author, time and reason. Each change is one transaction across all processes that share the registry.
 */
export interface ModelRegistry extends Blobs, WaitingPromotions {
  /** Adds a candidate. Adding the same bundle again changes nothing; another bundle under its id is LS-MODEL-001. */
  put(
    bundle: ModelBundle,
    origin: Step & { readonly release: string; readonly evidence: ModelEvidence },
  ): Promise<Outcome<RegistryEntry>>;
  /**
   * Makes one transition; LS-MODEL-003 if the life cycle does not permit it. A model that becomes active retires the active one and any
   * challenger of its target and role; a new challenger retires the previous challenger. If an active model is held or rejected, the model
   * it replaced becomes active again unless it has expired.
   */
  move(id: string, to: ModelState, step: Step): Promise<Outcome<RegistryEntry>>;
  /** After the clock was set back: moves any `since` later than `now`, plant time, back to `now`. */
  setBack(now: number): Promise<void>;
  /** Stores the gate's report with the model. */
  setGate(id: string, report: GateReport): Promise<void>;
  /** Stores days of a duel as reported by its place and returns all that count. Days against another model do not count. */
  keepDuel(id: string, against: string, reported: readonly DuelDay[]): Promise<readonly DuelDay[]>;
  /** Adds losses of a model on more recent days, as reported by its place. */
  refreshDays(id: string, days: readonly DayScore[]): Promise<void>;
  get(id: string): Promise<RegistryEntry | undefined>;
  /** The model of a place with these bytes. */
  withBytes(sha256: string, target: string, role: ModelRole): Promise<RegistryEntry | undefined>;
  active(target: string, role: ModelRole): Promise<RegistryEntry | undefined>;
  /** The model in shadow or canary: at most one per target and role. */
  challenger(target: string, role: ModelRole): Promise<RegistryEntry | undefined>;
  /** The model whose forecasts are used: a canary, else the active one. */
  answering(target: string, role: ModelRole): Promise<RegistryEntry | undefined>;
  /** Newest first. */
  list(): Promise<readonly RegistryEntry[]>;
  /** The most recent model of a place to enter a state. */
  newest(target: string, role: ModelRole, state: ModelState): Promise<RegistryEntry | undefined>;
  /** Models in these states, oldest first. */
  inStates(...states: readonly ModelState[]): Promise<readonly RegistryEntry[]>;
  ofRelease(release: string, role: ModelRole): Promise<readonly RegistryEntry[]>;
  /** The transitions of a model, oldest first. */
  transitions(id: string): Promise<readonly Transition[]>;
  /**
   * Deletes a few models that were retired or rejected before `time`, with their bytes and transitions, unless a live model replaced them;
   * also bytes of no model, except the newest and those that federated learning uses. Returns how many it deleted.
   */
  prune(time: number): Promise<number>;
  /** The stored state of federated learning. */
  federatedState(): Promise<unknown>;
  keepFederated(state: unknown): Promise<void>;
  /** The stored states of the drift watch, by target. */
  driftStates(): Promise<ReadonlyMap<string, unknown>>;
  keepDrift(target: string, state: unknown): Promise<void>;
  /** Promotions that expired by `now`, machine time, and have not been dropped. */
  lapsedPromotions(now: number): Promise<readonly (WaitingPromotion & { readonly model: string })[]>;
  /** Drops a promotion that expired by `now`; one that was requested again keeps waiting. */
  dropPromotion(id: string, now: number): Promise<void>;
}
