import { join } from 'node:path';
import { OpenedEvents } from '../../cloud/audit/testing/opened-events.ts';
import { BirthFile } from '../../cloud/ingest/birth-file.ts';
import { UplinkBroker } from '../../cloud/ingest/broker.ts';
import type { IngestHandlers } from '../../cloud/ingest/handlers.ts';
import { Ingest } from '../../cloud/ingest/ingest.ts';
import { LedgerFile } from '../../cloud/ingest/ledger-file.ts';
import { Ledger } from '../../cloud/ingest/ledger.ts';
import { InfluxStore } from '../../cloud/telemetry/influx-store.ts';
import type { TelemetryStore } from '../../cloud/telemetry/store.ts';
import type { Link } from '../../shared/ports/link.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';

export interface BenchCloudOptions {
  /** Folder of ledger, births and events. */
  readonly dir: string;
  readonly group: string;
  readonly ledger: Ledger;
  readonly store: Pick<TelemetryStore, 'write' | 'open' | 'close'>;
  readonly handlers?: IngestHandlers;
  /** 0 takes a free one. */
  readonly port?: number;
  /** A connection that broke; thrown where it is left out. */
  readonly onError?: (error: unknown) => void;
  readonly onConnection?: (gateway: string, connected: boolean) => void;
}

const fail = (error: unknown): never => {
  throw error;
};

/** The cloud's way in as it is in production (broker, ingest, ledger and event log on their disks), without what lies behind it. */
export class BenchCloud {
  readonly clock = new SystemClock(fail);
  readonly broker: UplinkBroker;
  readonly link: Link;
  readonly ingest: Ingest;
  readonly #options: BenchCloudOptions;
  readonly #births: BirthFile;
  readonly #events: OpenedEvents;

  constructor(options: BenchCloudOptions) {
    this.#options = options;
    const { dir, group, ledger, store, handlers, port = 0, onConnection, onError = fail } = options;
    this.broker = new UplinkBroker({
      port,
      group,
      users: 'anonymous',
      onError,
      ...(onConnection === undefined ? {} : { onConnection }),
    });
    this.link = this.broker.link();
    this.#births = new BirthFile(join(dir, 'births.db'));
    this.#events = new OpenedEvents(join(dir, 'events.db'));
    this.ingest = new Ingest({
      link: this.link,
      store,
      ledger,
      births: this.#births,
      events: this.#events,
      clock: this.clock,
      group,
      // As wide as the plant times of the benches ask for.
      maxAgeDays: 36_500,
      ...(handlers === undefined ? {} : { handlers }),
    });
  }

  async start(): Promise<void> {
    const { ledger, store } = this.#options;
    for (const each of [ledger, this.#births]) await each.open();
    await store.open();
    await this.broker.start();
    await this.ingest.start();
  }

  async stop(): Promise<void> {
    const { ledger, store } = this.#options;
    await this.ingest.stop();
    await this.broker.stop();
    await store.close();
    for (const each of [ledger, this.#births, this.#events]) each.close();
  }
}

/** A ledger on disk and an InfluxDB that knows of it. */
export function influxAndLedger(
  url: string,
  dir: string,
  database: string,
): { readonly ledger: Ledger; readonly store: InfluxStore } {
  const ledger = new Ledger(new LedgerFile(join(dir, 'ledger.db')));
  return { ledger, store: new InfluxStore({ url, database, create: true, receivedAt: ledger }) };
}
