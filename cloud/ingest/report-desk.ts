import { MOST_REPORT_BYTES, ReportReader } from '../../shared/codec/packed-report.ts';
import type { RangeReport } from '../../shared/contracts/acknowledgement.ts';
import { type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import type { LinkMessage } from '../../shared/ports/link.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import type { TopicName } from '../../shared/topics/topics.ts';
import type { RunKey } from './account.ts';
import type { Acknowledger } from './acknowledger.ts';
import type { EventSink, IngestHandlers } from './handlers.ts';
import type { Budgets } from './budgets.ts';
import type { LedgerEntry } from './entries.ts';
import type { GatewayReport, Ledger } from './ledger.ts';
import {
  readChunkRequest,
  readEvents,
  readHealth,
  readRanges,
  readReport,
  readSessions,
  readTraining,
  type ReadEvents,
} from './messages.ts';
import type { RunBudget } from './run-budget.ts';
import { isStoreAway } from '../telemetry/store-away.ts';

export interface ReportDeskOptions {
  readonly ledger: Ledger;
  readonly events: EventSink;
  readonly acknowledger: Acknowledger;
  readonly budgets: Budgets;
  readonly runs: RunBudget;
  readonly clock: Clock;
  readonly handlers: IngestHandlers;
  readonly refuse: (message: LinkMessage, gateway: string, fault: Fault) => void;
  /** Returns its argument, and counts a refusal. */
  readonly within: (admitted: boolean) => boolean;
}

/** Events and range reports wait this long for others, so that a fleet that is born at once syncs the disk once. */
const WRITE_MS = 50;
/** Maximum number of waiting messages; one more triggers a write. */
const MAX_WAITING = 5000;

interface WaitingEvents {
  readonly message: LinkMessage;
  readonly gateway: string;
  readonly read: ReadEvents;
}

/**
 * Handles what gateways send beside Sparkplug: events, range reports, health, charging sessions, document reports, training results, model
 * chunk requests.
 */
export class ReportDesk {
  readonly #options: ReportDeskOptions;
  #events: WaitingEvents[] = [];
  #reports: GatewayReport[] = [];
  #timer: Timer | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  /** Run of each gateway's last events. */
  readonly #runOf = new Map<string, number>();
  /** Readers of each gateway's health reports. */
  readonly #healthReaders = new Map<string, ReportReader>();

  constructor(options: ReportDeskOptions) {
    this.#options = options;
  }

  /** Writes what waits. */
  async stop(): Promise<void> {
    await this.#write();
  }

  /** Resolves once everything taken so far is written, or a store refused it. */
  async settled(): Promise<void> {
    await this.#write();
    await this.#writing;
  }

  /** Takes a message. If a store does not answer, nothing is acknowledged and the gateway resends. */
  take(message: LinkMessage, name: TopicName, gateway: string): Promise<void> {
    return this.#guarded(() => this.#take(message, name, gateway));
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      this.#options.handlers.onStore?.({ code: error.code, detail: error.message });
    }
  }

  async #take(message: LinkMessage, name: TopicName, gateway: string): Promise<void> {
    const { handlers, refuse, budgets, within } = this.#options;
    const { payload } = message;
    const handle = async <T>(read: Outcome<T>, then: (value: T) => void | Promise<void>): Promise<void> => {
      if (read.ok) await then(read.value);
      else refuse(message, gateway, read.fault);
    };
    // A packed report is charged with its unpacked size: a kilobyte can be a megabyte.
    const unpack = async <T>(
      reader: ReportReader,
      read: (json: Uint8Array) => Outcome<T>,
      then: (value: T) => void | Promise<void>,
    ): Promise<void> => {
      const json = reader.read(payload);
      if (!json.ok) {
        budgets.refused(gateway, MOST_REPORT_BYTES);
        return refuse(message, gateway, json.fault);
      }
      if (json.value === undefined) return undefined;
      const more = Math.max(0, json.value.length - payload.length);
      if (!within(budgets.admits(gateway, 'bytes', more))) return undefined;
      const report = read(json.value);
      return report.ok ? then(report.value) : refuse({ ...message, payload: json.value }, gateway, report.fault);
    };
    switch (name) {
      case 'events':
        return this.#takeEvents(message, gateway);
      case 'ranges':
        return this.#takeRanges(message, gateway);
      case 'health':
        return unpack(this.#healthReader(gateway), readHealth, (report) => handlers.onHealth?.(gateway, report));
      case 'sessions':
        return unpack(new ReportReader(), readSessions, (report) => handlers.onSessions?.(gateway, report));
      case 'reportedPlan':
      case 'reportedModel':
      case 'reportedTrainingWay':
      case 'commandResult':
        return handle(readReport(payload), (report) => handlers.onReport?.(gateway, name, report));
      case 'reportedTraining':
        return handle(readTraining(payload), (report) => handlers.onTraining?.(gateway, report));
      case 'trainingChunk':
        return handlers.onTrainingChunk?.(gateway, payload);
      case 'modelRequest':
        return handle(readChunkRequest(payload), (request) => handlers.onModelRequest?.(gateway, request));
      default:
        refuse(message, gateway, { code: 'LS-INGEST-004', detail: `${name} is sent to gateways, not by them` });
    }
  }

  #healthReader(gateway: string): ReportReader {
    let reader = this.#healthReaders.get(gateway);
    if (reader === undefined) this.#healthReaders.set(gateway, (reader = new ReportReader()));
    return reader;
  }

  #takeRanges(message: LinkMessage, gateway: string): Promise<void> | undefined {
    const report = readRanges(message.payload);
    if (!report.ok) {
      this.#options.refuse(message, gateway, report.fault);
      return undefined;
    }
    if (!this.#options.within(this.#options.budgets.admits(gateway, 'ranges'))) return undefined;
    this.#reports.push(this.#withinBudget(gateway, report.value));
    return this.#waits();
  }

  /** Leaves out what is over budget; the gateway repeats it in its next report. */
  #withinBudget(gateway: string, report: RangeReport): GatewayReport {
    const { runs: budget } = this.#options;
    const { stream, runs, missing } = report;
    const named = new Set([...runs, ...missing].map(({ run }) => run));
    const admitted = new Set([...named].filter((run) => budget.admitsRun({ gateway, stream, run }, false)));
    const admittedMissing = missing.filter(
      ({ run, from, to }) => admitted.has(run) && budget.admitsMissing({ gateway, stream, run }, [from, to]),
    );
    this.#options.within(admitted.size === named.size && admittedMissing.length === missing.length);
    return { gateway, report: { ...report, missing: admittedMissing }, admitted };
  }

  #takeEvents(message: LinkMessage, gateway: string): Promise<void> | undefined {
    const { acknowledger, refuse, budgets, runs, within } = this.#options;
    const read = readEvents(message.payload);
    if (!read.ok) {
      refuse(message, gateway, read.fault);
      return undefined;
    }
    const key = { gateway, stream: 'events', run: read.value.run } as const;
    if (!within(budgets.admits(gateway, 'events', read.value.items.length))) return undefined;
    if (!within(runs.admitsRun(key, true) && this.#mayTurnTo(key))) return undefined;
    acknowledger.current(key);
    acknowledger.touch(key);
    this.#events.push({ message, gateway, read: read.value });
    return this.#waits();
  }

  /** As for frames: each return to a known run may leave a receipt of its own. */
  #mayTurnTo(key: RunKey): boolean {
    const { ledger, budgets } = this.#options;
    const { gateway, run } = key;
    if (this.#runOf.get(gateway) !== run && ledger.has(key) && !budgets.admits(gateway, 'turns')) return false;
    this.#runOf.set(gateway, run);
    return true;
  }

  #waits(): Promise<void> | undefined {
    if (this.#events.length + this.#reports.length >= MAX_WAITING) return this.#write();
    this.#timer ??= this.#options.clock.machine.after(WRITE_MS, () => this.#write());
    return undefined;
  }

  #write(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const [waiting, reports] = [this.#events, this.#reports];
    this.#events = [];
    this.#reports = [];
    const written = this.#guarded(() => this.#settle(waiting, reports));
    this.#writing = Promise.allSettled([this.#writing, written]);
    return written;
  }

  /** Writes the log, then the ledger, then acknowledges. */
  async #settle(waiting: readonly WaitingEvents[], reports: readonly GatewayReport[]): Promise<void> {
    if (waiting.length + reports.length === 0) return;
    const { events, ledger, acknowledger, clock } = this.#options;
    const receivedAt = clock.plant.now();
    const fresh = this.#fresh(waiting);
    const added = await events.appendAll(
      fresh.map(({ gateway, run, items }) => ({
        source: gateway,
        events: items.flatMap(({ offset, event }) =>
          event.ok ? [{ event: event.value, identity: { run, offset } }] : [],
        ),
      })),
      receivedAt,
    );
    const entries = fresh.flatMap(({ message, gateway, run, items }) =>
      items.map(({ offset, event }): LedgerEntry => {
        const key = { gateway, stream: 'events', run, offset } as const;
        if (event.ok) return { ...key, time: event.value.time };
        this.#options.refuse(message, gateway, event.fault);
        return { ...key, time: null, code: event.fault.code };
      }),
    );
    // After a power cut, the ledger must not hold an event that the log has lost.
    if (added.length > 0) await events.synced();
    await ledger.settle({ entries, reports }, receivedAt);
    acknowledger.accounted(entries);
    for (const { gateway, report, admitted = [] } of reports)
      for (const run of admitted) acknowledger.touch({ gateway, stream: report.stream, run });
  }

  /** Events that are neither accounted for nor duplicates among those waiting. */
  #fresh(waiting: readonly WaitingEvents[]): (Omit<WaitingEvents, 'read'> & ReadEvents)[] {
    const seen = new Set<string>();
    return waiting.map(({ message, gateway, read: { run, items } }) => ({
      message,
      gateway,
      run,
      items: items.filter(({ offset }) => {
        const key = `${gateway}/${run}/${offset}`;
        if (seen.has(key)) return false;
        seen.add(key);
        return this.#options.ledger.stateOf(gateway, 'events', { run, offset }) === undefined;
      }),
    }));
  }
}
