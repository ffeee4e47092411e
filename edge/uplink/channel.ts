import type { DesiredDocument } from '../../shared/contracts/document.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import type { DocumentReport, HealthReport } from '../../shared/contracts/report.ts';
import type { SessionsReport } from '../../shared/contracts/sessions.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import type { Traffic } from './traffic.ts';

/**
 * Messages between the gateway's main thread (cycle) and the part with journal and uplink, which is a worker thread in production
 * and an object in the same thread on virtual time. Both directions are bounded; the cycle never waits for an answer.
 */
export interface DeviceBirth {
  readonly device: string;
  readonly type: string;
  readonly metrics: readonly string[];
}

export interface JournalState {
  readonly backlogFrames: number;
  readonly backlogOldest: number | null;
  readonly bytes: number;
  readonly droppedFrames: number;
  readonly lostFrames: number;
  readonly writable: boolean;
}

export type ToUplink =
  | { readonly kind: 'births'; readonly devices: readonly DeviceBirth[] }
  /** A device went silent or came back, for DDEATH and DBIRTH. */
  | { readonly kind: 'device-link'; readonly device: string; readonly alive: boolean }
  | { readonly kind: 'frames'; readonly frames: readonly Frame[] }
  | { readonly kind: 'events'; readonly events: readonly LoadstoneEvent[] }
  | { readonly kind: 'health'; readonly health: Omit<HealthReport, 'journal'> }
  | { readonly kind: 'sessions'; readonly report: SessionsReport }
  | {
      readonly kind: 'report';
      readonly topic: 'reportedPlan' | 'reportedModel' | 'commandResult';
      readonly report: DocumentReport;
    }
  /** Control state to persist (timers, hot spot, energy due, stop, overrides): JSON, replaced atomically. */
  | { readonly kind: 'state'; readonly json: string };

export type FromUplink =
  | { readonly kind: 'link'; readonly connected: boolean }
  /** Why there is no connection, with its remedy; once per cause. */
  | { readonly kind: 'trouble'; readonly text: string }
  | { readonly kind: 'journal'; readonly state: JournalState }
  /** Bytes carried since the last report. */
  | { readonly kind: 'traffic'; readonly traffic: Traffic }
  /**
   * A document whose signature, address, sequence and validity hold, and whose sequence is persisted. `again`: a command that was
   * already delivered; it does not act again, and is answered with its outcome. `applied`: it had acted.
   */
  | { readonly kind: 'document'; readonly document: DesiredDocument; readonly again?: true; readonly applied?: boolean }
  /** Model bytes whose length and SHA-256 match the manifest; `beside`: for the model that runs in shadow. */
  | { readonly kind: 'model' | 'beside'; readonly manifest: ModelManifest; readonly bytes: Uint8Array }
  /** `lagMs`: how long it was under way, as far as the gateway can tell, plant time. */
  | { readonly kind: 'heartbeat'; readonly time: number; readonly lagMs: number };

/** State persisted before the start. */
export interface Restored {
  readonly stateJson: string | null;
  /** The disk kept refusing to read the state, so it counts as lost. */
  readonly stateLost?: Fault;
  /** The last accepted plan, settings, model and weather; their validity at the current time is not checked. */
  readonly documents: readonly DesiredDocument[];
  readonly model: { readonly manifest: ModelManifest; readonly bytes: Uint8Array } | null;
  readonly beside?: { readonly manifest: ModelManifest; readonly bytes: Uint8Array };
}

export interface Uplink {
  /**
   * Resolves with the persisted state, then opens the journal and starts to connect. With a dead disk it still starts, and reports it
   * in the journal's state.
   */
  start(handler: (message: FromUplink) => void): Promise<Restored>;
  /** Queues a message; false if the bounded queue is full, and then the caller counts it. */
  send(message: ToUplink): boolean;
  /** Writes what is queued, sends NDEATH and closes. */
  stop(): Promise<void>;
}
