import { LoadstoneError, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import type { LinkMessage } from '../../shared/ports/link.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { TopicName } from '../../shared/topics/topics.ts';
import type { Acknowledger } from './acknowledger.ts';
import type { EventSink, IngestHandlers } from './handlers.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { readChunkRequest, readEvents, readHealth, readRanges, readReport } from './messages.ts';

export interface ReportDeskOptions {
  readonly ledger: Ledger;
  readonly events: EventSink;
  readonly acknowledger: Acknowledger;
  readonly clock: Clock;
  readonly handlers: IngestHandlers;
  readonly refuse: (message: LinkMessage, gateway: string, fault: Fault) => void;
}

/** What gateways send beside Sparkplug: events, range reports, health, the way of documents, requests for model chunks. */
export class ReportDesk {
  readonly #options: ReportDeskOptions;

  constructor(options: ReportDeskOptions) {
    this.#options = options;
  }

  /** Where log or ledger do not answer, nothing is acknowledged and the gateway sends again. */
  async take(message: LinkMessage, name: TopicName, gateway: string): Promise<void> {
    const { handlers } = this.#options;
    try {
      await this.#take(message, name, gateway);
    } catch (error) {
      if (!(error instanceof LoadstoneError) || error.code !== 'LS-STORE-001') throw error;
      handlers.onStore?.({ code: error.code, detail: error.message });
    }
  }

  async #take(message: LinkMessage, name: TopicName, gateway: string): Promise<void> {
    const { handlers, refuse } = this.#options;
    const { payload } = message;
    const handle = async <T>(read: Outcome<T>, then: (value: T) => void | Promise<void>): Promise<void> => {
      if (read.ok) await then(read.value);
      else refuse(message, gateway, read.fault);
    };
    switch (name) {
      case 'events':
        return this.#events(message, gateway);
      case 'ranges':
        return this.#ranges(message, gateway);
      case 'health':
        return handle(readHealth(payload), (report) => handlers.onHealth?.(gateway, report));
      case 'reportedPlan':
      case 'reportedModel':
      case 'commandResult':
        return handle(readReport(payload), (report) => handlers.onReport?.(gateway, name, report));
      case 'modelRequest':
        return handle(readChunkRequest(payload), (request) => handlers.onModelRequest?.(gateway, request));
      default:
        refuse(message, gateway, { code: 'LS-INGEST-004', detail: `${name} goes down, not up` });
    }
  }

  async #ranges(message: LinkMessage, gateway: string): Promise<void> {
    const { ledger, acknowledger, clock, refuse } = this.#options;
    const report = readRanges(message.payload);
    if (!report.ok) return refuse(message, gateway, report.fault);
    await ledger.report(gateway, report.value, clock.plant.now());
    const { stream, runs, missing } = report.value;
    for (const { run } of [...runs, ...missing]) acknowledger.touch({ gateway, stream, run });
  }

  /** The log, the ledger, then the acknowledgement. */
  async #events(message: LinkMessage, gateway: string): Promise<void> {
    const { events, ledger, acknowledger, clock, handlers, refuse } = this.#options;
    const read = readEvents(message.payload);
    if (!read.ok) return refuse(message, gateway, read.fault);
    const { run, items } = read.value;
    const key = { gateway, stream: 'events', run } as const;
    acknowledger.current(key);
    acknowledger.touch(key);
    const fresh = items.filter(({ offset }) => ledger.stateOf(gateway, 'events', { run, offset }) === undefined);
    if (fresh.length === 0) return;
    const receivedAt = clock.plant.now();
    const good = fresh.flatMap(({ offset, event }) =>
      event.ok ? [{ event: event.value, identity: { run, offset } }] : [],
    );
    const added = events.append(gateway, good, receivedAt);
    const entries = fresh.map(({ offset, event }): LedgerEntry => {
      if (event.ok) return { ...key, offset, time: event.value.time };
      refuse(message, gateway, event.fault);
      return { ...key, offset, time: null, code: event.fault.code };
    });
    await ledger.record(entries, receivedAt);
    acknowledger.accounted(entries);
    for (const event of added) await handlers.onEvent?.(gateway, event);
  }
}
