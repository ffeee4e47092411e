import type { DecodedPayload } from '../../shared/codec/sparkplug.ts';
import type { FrameIdentity } from '../../shared/contracts/frame.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import type { LinkMessage } from '../../shared/ports/link.ts';
import { tells } from '../../shared/sentences/told-forms.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Acknowledger } from './acknowledger.ts';
import type { BatchWriter } from './batch-writer.ts';
import { MAX_DEVICES, type NodeTable } from './births.ts';
import type { Budgets } from './budgets.ts';
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
  /** As `IngestOptions` has them. */
  readonly maxAgeDays?: number | undefined;
  readonly maxAheadS?: number | undefined;
  readonly refuse: (message: LinkMessage, gateway: string, fault: Fault) => void;
  /** Passes on whether a budget admits, and counts where it does not. */
  readonly within: (admitted: boolean) => boolean;
}

/** Run number of nodes without journal, whose offsets the cloud gives itself. */
export const FOREIGN_RUN = 0;

const DAY_MS = 86_400_000;
/**
 * Node births that may pass before a metric that none of them named is refused for good: where the births of its device have come,
 * and where they may have got lost on their way.
 */
const BIRTHS_TO_WAIT = { heard: 3, unheard: 20 } as const;

/** What the frames of one edge node are to the desk. */
interface Sender {
  currentRun: number | undefined;
  /** Births of the node when a device's data could first not be read, by device. */
  readonly unread: Map<string, number>;
  foreignOffset: number | undefined;
  /** Runs of the last frames, live and of the backlog. */
  readonly lastRun: { live: number | undefined; backlog: number | undefined };
  /** Run and offset of the frame that was refused last. */
  refused: string;
}

/** The frames of all nodes: known ones are counted, new ones are read and go to the writer, what cannot be read waits for births or is refused. */
export class FrameDesk {
  readonly #options: FrameDeskOptions;
  readonly #senders = new Map<string, Sender>();
  readonly #counts = { frames: 0, duplicates: 0, heldBack: 0 };

  constructor(options: FrameDeskOptions) {
    this.#options = options;
  }

  get counts(): Readonly<Record<'frames' | 'duplicates' | 'heldBack', number>> {
    return this.#counts;
  }

  /** A data message of the node behind `table`; `device` is empty where it is the node's own. */
  take(message: LinkMessage, table: NodeTable, device: string, payload: DecodedPayload): void | Promise<void> {
    const { ledger, acknowledger, rebirths, writer, runs, refuse, within } = this.#options;
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
    const isLive = payload.metrics[0]?.historical !== true;
    if (!within(runs.admitsRun(entry, isLive))) return asks;
    if (!within(this.#mayTurnTo(sender, entry, isLive))) return asks;
    if (!within(runs.admitsRange(entry, [offset, offset], () => this.#joins(entry)))) return asks;
    const read = readFrame(payload, device, table, this.#bounds());
    if (!read.ok) {
      if (read.fault.code === 'LS-INGEST-005' && this.#mayYetBeRead(sender, table, device)) return rebirths.ask(table);
      if (!within(this.#mayRefuse(sender, entry))) return asks;
      refuse(message, gateway, read.fault);
      this.#offer({ entry: { ...entry, code: read.fault.code }, points: [] });
      return asks;
    }
    if (sender.unread.size > 0) sender.unread.delete(device);
    this.#keep(sender, identity, read.value, false);
    return asks;
  }

  /** One run after another costs nothing: what comes back to a run that is known does. */
  #mayTurnTo({ lastRun }: Sender, entry: LedgerEntry, isLive: boolean): boolean {
    const { gateway, run } = entry;
    const lane = isLive ? 'live' : 'backlog';
    if (lastRun[lane] === run) return true;
    const { ledger, budgets } = this.#options;
    if (ledger.has(entry) && !budgets.admits(gateway, 'turns')) return false;
    lastRun[lane] = run;
    return true;
  }

  /** Its neighbour is on its way into the ledger. */
  #joins(entry: LedgerEntry): boolean {
    const { offset } = entry;
    return [offset - 1, offset + 1].some((beside) => this.#options.writer.holds({ ...entry, offset: beside }));
  }

  /** Refused frames that follow on one another cost the ledger nothing. */
  #mayRefuse(sender: Sender, { gateway, run, offset }: LedgerEntry): boolean {
    const follows = sender.refused === `${run}/${offset - 1}`;
    if (!follows && !this.#options.budgets.admits(gateway, 'refusals')) return false;
    sender.refused = `${run}/${offset}`;
    return true;
  }

  /** Data of a node that is no Loadstone gateway: the cloud numbers its frames. */
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

  /** Whether births that are still to come may name what this device sent. */
  #mayYetBeRead({ unread }: Sender, table: NodeTable, device: string): boolean {
    const since = unread.get(device);
    if (since === undefined && unread.size < MAX_DEVICES) unread.set(device, table.nodeBirths);
    if (table.isOver) {
      this.#options.budgets.exceeded(
        table.gateway,
        'LS-BUDGET-004',
        tells('LS-BUDGET-004', '{device}: its births name more than there is room for', { device }),
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
