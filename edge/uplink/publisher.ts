import type { EventBatch, LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { Stream } from '../../shared/contracts/frame.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { topicFor } from '../../shared/topics/topics.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalEntry } from '../journal/record.ts';
import type { UplinkConfig } from './config.ts';
import type { FrameRecords } from './frame-record.ts';
import type { NodeSession } from './node-session.ts';
import { Sender } from './sender.ts';

export interface PublisherOptions {
  readonly config: UplinkConfig;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly session: NodeSession;
  readonly records: FrameRecords;
}

/** Publishes both streams of the journal: measurements as Sparkplug data, events in batches. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #senders: Record<Stream, Sender>;

  constructor(options: PublisherOptions) {
    this.#options = options;
    const { clock, journal } = options;
    this.#senders = {
      measurements: new Sender({
        stream: 'measurements',
        clock,
        journal,
        publish: (entries, historical) => this.#publishFrames(entries, historical),
      }),
      events: new Sender({ stream: 'events', clock, journal, publish: (entries) => this.#publishEvents(entries) }),
    };
  }

  start(): void {
    this.#senders.measurements.start();
    this.#senders.events.start();
  }

  stop(): void {
    this.#senders.measurements.stop();
    this.#senders.events.stop();
  }

  accepted(entries: readonly JournalEntry[]): void {
    const stream = entries[0]?.stream;
    if (stream === undefined || this.#senders[stream].accepted(entries)) return;
    for (const { payload } of entries) this.#options.records.forget(payload);
  }

  acknowledged(stream: Stream): void {
    this.#senders[stream].acknowledged();
  }

  /** Sends newly accepted records before the session closes. */
  async finish(): Promise<void> {
    await this.#senders.measurements.finish();
    await this.#senders.events.finish();
  }

  get resent(): number {
    return this.#senders.measurements.resent + this.#senders.events.resent;
  }

  async #publishFrames(entries: readonly JournalEntry[], historical: boolean): Promise<void> {
    const { session, journal, records } = this.#options;
    const sent: Promise<boolean>[] = [];
    for (const { run, offset, payload, stream } of entries) {
      const record = records.decode(payload);
      if (record === undefined) journal.giveUp(stream, offset, 'the record has an unknown version');
      else sent.push(session.data(record.frame, { run, offset, monotonicMs: record.monotonicMs }, historical));
    }
    await Promise.all(sent);
  }

  async #publishEvents(entries: readonly JournalEntry[]): Promise<void> {
    const batches = new Map<number, EventBatch['items']>();
    for (const { run, offset, payload, stream } of entries) {
      const event = parseEvent(payload);
      if (event === undefined) this.#options.journal.giveUp(stream, offset, 'the record has an unknown version');
      else batches.set(run, [...(batches.get(run) ?? []), { offset, event }]);
    }
    const { session, config } = this.#options;
    for (const [run, items] of batches) {
      const batch: EventBatch = { version: 1, run, items };
      const payload = new TextEncoder().encode(JSON.stringify(batch));
      await session.publish(topicFor('events', config.gateway), payload);
    }
  }
}

function parseEvent(payload: Uint8Array): LoadstoneEvent | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(payload)) as LoadstoneEvent;
  } catch {
    return undefined;
  }
}
