import type { Frame, FrameIdentity } from '../../shared/contracts/frame.ts';
import type { TrainingReport } from '../../shared/contracts/federated.ts';
import type { ChunkRequest } from '../../shared/contracts/model.ts';
import type { DocumentReport, HealthReport } from '../../shared/contracts/report.ts';
import type { SessionsReport } from '../../shared/contracts/sessions.ts';
import type { EventView } from '../../shared/contracts/view.ts';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import type { SourceEvents } from '../audit/event-store.ts';

export interface Arrival {
  /** The gateway marks it as late: buffered while the link was down, or resent. */
  readonly historical: boolean;
  /** Plant time, ms UTC. */
  readonly receivedAt: number;
  /** From a node without a journal: nothing is resent, so gaps remain. */
  readonly bestEffort: boolean;
}

/** Receivers of what gateways send; injected by the composition root. Called in order of arrival. */
export interface IngestHandlers {
  /** A valid frame, on arrival and before it is stored; the same frame may come again as historical. */
  onFrame?(identity: FrameIdentity, frame: Frame, arrival: Arrival): void;
  onHealth?(gateway: string, report: HealthReport): void | Promise<void>;
  onSessions?(gateway: string, report: SessionsReport): void | Promise<void>;
  onReport?(
    gateway: string,
    topic: 'reportedPlan' | 'reportedModel' | 'reportedTrainingWay' | 'commandResult',
    report: DocumentReport,
  ): void | Promise<void>;
  /** A gateway's result of a round of federated learning. */
  onTraining?(gateway: string, report: TrainingReport): void | Promise<void>;
  /** A chunk of its update, unparsed. */
  onTrainingChunk?(gateway: string, payload: Uint8Array): void | Promise<void>;
  onModelRequest?(gateway: string, request: ChunkRequest): void | Promise<void>;
  /**
   * The node (device undefined) or one of its devices is born, and what the gateway lacks should be sent now. `again`: the node repeats its
   * births within a session, because a message was lost.
   */
  onBirth?(gateway: string, device: string | undefined, again: boolean): void | Promise<void>;
  /** Its values are stale from `at` on, ms UTC: plant time of a node's death; for a device the time that its gateway gives. */
  onDeath?(gateway: string, device: string | undefined, at: number): void | Promise<void>;
  /** A refused message or frame, after it was counted and sampled; in a flood only the first ones. */
  onRefused?(gateway: string, fault: Fault): void;
  /** A gateway exceeds a budget, or no longer does (null). */
  onBudget?(gateway: string, code: ErrorCode, fault: Fault | null): void;
  /** The cloud's own clock is in doubt, because the times of most gateways are too far from it, or no longer is. */
  onClockDoubt?(isDoubted: boolean): void;
  /** The telemetry store or the ledger does not answer (LS-STORE-001), or is back (null). */
  onStore?(fault: Fault | null): void;
}

/** The durable event log; `appendAll` returns the new events. */
export interface EventSink {
  appendAll(groups: readonly SourceEvents[], receivedAt: number): Promise<EventView[]>;
  /** Resolves once everything appended before is on the medium. */
  synced(): Promise<void>;
}
