import type { Link } from '../../shared/ports/link.ts';
import type { SigningKeys } from '../../shared/pki/key-list.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import type { BirthStore } from './birth-store.ts';
import type { TrafficBudgets } from './budgets.ts';
import type { FrameWatch } from './frame-watch.ts';
import type { EventSink, IngestHandlers } from './handlers.ts';
import type { Ledger } from './ledger.ts';
import type { RunBudgetOptions } from './run-budget.ts';

export interface IngestOptions {
  readonly link: Link;
  readonly store: Pick<TelemetryStore, 'write'>;
  readonly ledger: Ledger;
  readonly births: BirthStore;
  readonly events: EventSink;
  readonly clock: Clock;
  /** Sparkplug group: the region. */
  readonly group: string;
  readonly handlers?: IngestHandlers;
  /** Sparkplug id of the primary host. */
  readonly hostId?: string;
  /** Epoch of a gateway's documents, for its heartbeat. */
  readonly epoch?: (gateway: string) => Promise<number>;
  readonly heartbeatS?: number;
  /** Signs heartbeats for gateways that ask for it. */
  readonly keys?: SigningKeys;
  /** How long to wait for messages out of order before requesting a rebirth, s (Sparkplug's Reorder Timeout). */
  readonly reorderS?: number;
  readonly batchPoints?: number;
  readonly batchAgeMs?: number;
  readonly maxHeldPoints?: number;
  /** Source times older than this are refused, days. */
  readonly maxAgeDays?: number;
  /** Source times further ahead of plant time than this are refused, s. */
  readonly maxAheadS?: number;
  /** Limits on what one gateway may send and open; default: `trafficBudgets` and `runBudget`. */
  readonly budgets?: Partial<TrafficBudgets>;
  readonly runBudget?: Pick<RunBudgetOptions, 'size' | 'missingSize' | 'maxGaps'>;
  readonly watch?: FrameWatch | undefined;
}

export interface IngestCounts {
  readonly frames: number;
  readonly duplicates: number;
  /** Frames dropped for lack of room; not acknowledged, so they are resent. */
  readonly heldBack: number;
  readonly heldPoints: number;
  /** Failed batch writes, retries included. */
  readonly failedWrites: number;
  readonly isStoreFailing: boolean;
  readonly rebirths: number;
  /** Messages and frames over a budget; not acknowledged, so they are resent. */
  readonly overBudget: number;
}
