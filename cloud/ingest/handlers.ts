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
  /** The gateway says that it is late: kept while the link was down, or sent again. */
  readonly historical: boolean;
  /** Plant time, ms UTC. */
  readonly receivedAt: number;
  /** From a node without journal: nothing is sent again, so gaps stay. */
  readonly bestEffort: boolean;
}

/** Where what comes from the gateways goes; injected by the composition root. Each is called in the order of arrival. */
export interface IngestHandlers {
  /** A valid frame, as soon as it has come and before it is stored; the same one may come again, historical. */
  onFrame?(identity: FrameIdentity, frame: Frame, arrival: Arrival): void;
  /** An event that is in the log from now on, once. */
  onEvent?(gateway: string, event: EventView): void | Promise<void>;
  onHealth?(gateway: string, report: HealthReport): void | Promise<void>;
  onSessions?(gateway: string, report: SessionsReport): void | Promise<void>;
  onReport?(
    gateway: string,
    topic: 'reportedPlan' | 'reportedModel' | 'reportedTrainingWay' | 'commandResult',
    report: DocumentReport,
  ): void | Promise<void>;
  /** What a gateway has learnt in a round of federated learning. */
  onTraining?(gateway: string, report: TrainingReport): void | Promise<void>;
  /** A chunk of its update, as it came. */
  onTrainingChunk?(gateway: string, payload: Uint8Array): void | Promise<void>;
  onModelRequest?(gateway: string, request: ChunkRequest): void | Promise<void>;
  /**
   * The node (device undefined) or one of its devices is born: what the gateway lacks is to be sent now. `again`: the node was born in
   * this session before, and has repeated its births because a message was lost.
   */
  onBirth?(gateway: string, device: string | undefined, again: boolean): void | Promise<void>;
  /** What is known of it is stale from `at` on: plant time of a node's death, of a device's as its gateway says, ms UTC. */
  onDeath?(gateway: string, device: string | undefined, at: number): void | Promise<void>;
  /** Something that did not fit, after it was counted and a sample kept; of a flood the first only. */
  onRefused?(gateway: string, fault: Fault): void;
  /** A gateway is over a budget, or is no longer (null). */
  onBudget?(gateway: string, code: ErrorCode, fault: Fault | null): void;
  /** The store does not answer (LS-STORE-001), or does again (null). */
  onStore?(fault: Fault | null): void;
}

/** The durable list of events; `appendAll` returns what is new. */
export interface EventSink {
  appendAll(groups: readonly SourceEvents[], receivedAt: number): Promise<EventView[]>;
  /** Resolves once what was appended before is on the medium. */
  synced(): Promise<void>;
}
