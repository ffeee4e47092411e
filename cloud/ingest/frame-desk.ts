import type { DecodedPayload } from '../../shared/codec/sparkplug.ts';
import type { FrameIdentity } from '../../shared/contracts/frame.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import type { LinkMessage } from '../../shared/ports/link.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Acknowledger } from './acknowledger.ts';
import type { BatchWriter } from './batch-writer.ts';
import { MAX_DEVICES, type NodeTable } from './births.ts';
import type { Budgets } from './budgets.ts';
import { ClockDoubt } from './clock-doubt.ts';
import type { LedgerEntry } from './entries.ts';
import { pointsOf, readForeign, readFrame, type ReadFrame, type TimeBounds } from './frame-reader.ts';
import type { IngestHandlers } from './handlers.ts';
import type { Ledger } from './ledger.ts';
import type { Rebirths } from './rebirths.ts';
import type { RunBudget } from './run-budget.ts';

export interface FrameDeskOptions {
  readonly ledger: Ledger;
  readonly writer: BatchWriter;
  readonly acknowledger: Acknowledger;
  readonly rebirths: Rebirths;
  readonly budgets: Budgets;
  readonly runs: RunBudget;
  readonly clock: Clock;
  readonly handlers: IngestHandlers;
  /** As in `IngestOptions`. */
  readonly maxAgeDays?: number | undefined;
  readonly maxAheadS?: number | undefined;
  readonly refuse: (message: LinkMessage, gateway: string, fault: Fault) => void;
  /** Returns its argument, and counts a refusal. */
  readonly within: (admitted: boolean) => boolean;
}

/** Run number of nodes without a journal; the cloud numbers their frames. */
export const FOREIGN_RUN = 0;

const DAY_MS = 86_400_000;
/**
 * How many more node births a frame waits for if no birth names its metric, before it is refused for good: `heard` if the device's birth
 * has come, `unheard` if it may have got lost.
 */
const BIRTHS_TO_WAIT = { heard: 3, unheard: 20 } as const;

/** Per-node state of the desk. */
interface Sender {
  currentRun: number | undefined;
  /** The node's birth count when a device's data first could not be read, by device. */
  readonly unread: Map<string, number>;
  foreignOffset: number | undefined;
  /** Runs of the last frames, live and backlog. */
  readonly lastRun: { live: number | undefined; backlog: number | undefined };
  /** Run and offset of the last refused frame. */
  refused: string;
}

/**
 * Handles the frames of all nodes: duplicates are counted, new frames are read and go to the writer, unreadable ones wait for births or are
 * refused.
 */
export class FrameDesk {
  readonly #options: FrameDeskOptions;
  readonly #senders = new Map<string, Sender>();
  readonly #counts = { frames: 0, duplicates: 0, heldBack: 0 };
  readonly #doubt: ClockDoubt;

  constructor(options: FrameDeskOptions) {
    this.#options = options;
    this.#doubt = new ClockDoubt((isDoubted) => options.handlers.onClockDoubt?.(isDoubted));
  }

  get counts(): Readonly<Record<'frames' | 'duplicates' | 'heldBack', number>> {
    return this.#counts;
  }

  /** Takes a data message of the node in `table`; `device` is empty for the node's own. */
  take(message: LinkMessage, table: NodeTable, device: string, payload: DecodedPayload): void | Promise<void> {
    const { ledger, acknowledger, rebirths, writer, runs, refuse, within, clock } = this.#options;
    const { gateway } = table;
    const sender = this.#of(gateway);
    rebirths.inSequence(table, payload.seq);
    const asks = table.alive ? undefined : rebirths.ask(table);
    if (payload.body === undefined) return this.#foreign(message, table, device, payload) ?? asks;
    const { run, offset } = payload.body;
    const identity: FrameIdentity = { gateway, run, offset };
    const entry = { gateway, stream: 'measurements', run, offset, time: null } as const;
    if (ledger.stateOf(gateway, 'measurements', { run, offset }) !== undefined) {
      this.#counts.duplicates++;
      acknowledger.touch(entry);
      return asks;
    }
    if (writer.holds(entry)) {
      this.#counts.duplicates++;
      return asks;
    }
    const [first] = payload.metrics;
    const isLive = first?.historical !== true;
    const sentAt = first?.time ?? payload.sentAt;
    if (isLive && sentAt !== undefined) this.#doubt.saw(gateway, sentAt, this.#bounds(), clock.machine.elapsed());
    if (!within(runs.admitsRun(entry, isLive))) return asks;
    if (!within(this.#mayTurnTo(sender, entry, isLive))) return asks;
    if (!within(runs.admitsRange(entry, [offset, offset], () => this.#joins(entry)))) return asks;
    const read = readFrame(payload, device, table, this.#bounds());
    if (!read.ok) {
      if (read.fault.code === 'LS-INGEST-005' && this.#mayYetBeRead(sender, table, device)) return rebirths.ask(table);
      // Refused frames are lost. Without an acknowledgement the gateway sends them again, once the clock is right.
      if (read.fault.code === 'LS-INGEST-003' && this.#doubt.isDoubted) {
        this.#counts.heldBack++;
        return asks;
      }
      if (!within(this.#mayRefuse(sender, entry))) return asks;
      refuse(message, gateway, read.fault);
      this.#offer({ entry: { ...entry, code: read.fault.code }, points: [] });
      return asks;
    }
    if (sender.unread.size > 0) sender.unread.delete(device);
    this.#keep(sender, identity, read.value, false);
    return asks;
  }

  /** A new run costs nothing; returning to a known run does. */
  #mayTurnTo({ lastRun }: Sender, entry: LedgerEntry, isLive: boolean): boolean {
    const { gateway, run } = entry;
    const lane = isLive ? 'live' : 'backlog';
    if (lastRun[lane] === run) return true;
    const { ledger, budgets } = this.#options;
    if (ledger.has(entry) && !budgets.admits(gateway, 'turns')) return false;
    lastRun[lane] = run;
    return true;
  }

  /** True if a neighbour is on its way into the ledger. */
  #joins(entry: LedgerEntry): boolean {
    const { offset } = entry;
    return [offset - 1, offset + 1].some((beside) => this.#options.writer.holds({ ...entry, offset: beside }));
  }

  /** Consecutive refused frames cost the ledger nothing. */
  #mayRefuse(sender: Sender, { gateway, run, offset }: LedgerEntry): boolean {
    const follows = sender.refused === `${run}/${offset - 1}`;
    if (!follows && !this.#options.budgets.admits(gateway, 'refusals')) return false;
    sender.refused = `${run}/${offset}`;
    return true;
  }

  /** Takes data of a node that is not a Loadstone gateway; the cloud numbers its frames. */
  #foreign(message: LinkMessage, table: NodeTable, device: string, payload: DecodedPayload): Promise<void> | undefined {
    const { ledger, budgets, rebirths, refuse, within } = this.#options;
    const { gateway } = table;
    const read = readForeign(payload, device, table, this.#bounds());
    if (!read.ok) {
      refuse(message, gateway, read.fault);
      return rebirths.ask(table);
    }
    const more = read.value.length - 1;
    if (more > 0 && !within(budgets.admits(gateway, 'frames', more))) return undefined;
    const sender = this.#of(gateway);
    for (const frame of read.value) {
      sender.foreignOffset ??= ledger.nextOffset(gateway, 'measurements', FOREIGN_RUN);
      this.#keep(sender, { gateway, run: FOREIGN_RUN, offset: sender.foreignOffset++ }, frame, true);
    }
    return undefined;
  }

  #keep(sender: Sender, identity: FrameIdentity, read: ReadFrame, bestEffort: boolean): void {
    const { acknowledger, handlers, clock } = this.#options;
    const { historical, frame } = read;
    const { gateway, run, offset } = identity;
    this.#counts.frames++;
    if (!historical && !bestEffort && sender.currentRun !== run) {
      sender.currentRun = run;
      acknowledger.current({ gateway, stream: 'measurements', run });
    }
    handlers.onFrame?.(identity, frame, { historical, receivedAt: clock.plant.now(), bestEffort });
    const entry = { gateway, stream: 'measurements', run, offset, time: frame.time } as const;
    this.#offer({ entry, points: pointsOf(read, offset) });
  }

  #offer(frame: Parameters<BatchWriter['offer']>[0]): void {
    if (!this.#options.writer.offer(frame)) this.#counts.heldBack++;
  }

  /** True if a later birth may still name what this device sent. */
  #mayYetBeRead({ unread }: Sender, table: NodeTable, device: string): boolean {
    const since = unread.get(device);
    if (since === undefined && unread.size < MAX_DEVICES) unread.set(device, table.nodeBirths);
    if (table.isOver) {
      this.#options.budgets.exceeded(
        table.gateway,
        'LS-BUDGET-004',
        formatMessage('LS-BUDGET-004', '{device}: its births name more than there is room for', { device }),
      );
      return true;
    }
    const most = BIRTHS_TO_WAIT[table.isNamed(device) ? 'heard' : 'unheard'];
    return since === undefined || table.nodeBirths - since < most;
  }

  #bounds(): TimeBounds {
    const { clock, maxAgeDays = 35, maxAheadS = 300 } = this.#options;
    const now = clock.plant.now();
    return { earliest: now - maxAgeDays * DAY_MS, latest: now + maxAheadS * 1000 };
  }

  #of(gateway: string): Sender {
    let sender = this.#senders.get(gateway);
    if (sender === undefined) {
      sender = {
        currentRun: undefined,
        unread: new Map(),
        foreignOffset: undefined,
        lastRun: { live: undefined, backlog: undefined },
        refused: '',
      };
      this.#senders.set(gateway, sender);
    }
    return sender;
  }
}
