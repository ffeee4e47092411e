import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { OpenedEvents } from '../../cloud/audit/testing/opened-events.ts';
import { BirthFile } from '../../cloud/ingest/birth-file.ts';
import { UplinkBroker, type UplinkBrokerOptions } from '../../cloud/ingest/broker.ts';
import type { IngestHandlers } from '../../cloud/ingest/handlers.ts';
import { GuessBrake } from '../../cloud/ingest/guess-brake.ts';
import { Ingest } from '../../cloud/ingest/ingest.ts';
import { LedgerFile } from '../../cloud/ingest/ledger-file.ts';
import { Ledger } from '../../cloud/ingest/ledger.ts';
import type { TlsIdentity } from '../../cloud/ingest/tls-door.ts';
import { Authority } from '../../cloud/pki/authority.ts';
import { EnrolServer } from '../../cloud/pki/enrol-server.ts';
import { Judge } from '../../cloud/pki/judge.ts';
import { initAuthority } from '../../cloud/pki/make-authority.ts';
import { serverIdentity } from '../../cloud/pki/server-identity.ts';
import { InfluxStore } from '../../cloud/telemetry/influx-store.ts';
import type { TelemetryStore } from '../../cloud/telemetry/store.ts';
import { putIdentity } from '../../edge/uplink/identity-files.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { makeRequest } from '../../shared/pki/request.ts';
import type { Link } from '../../shared/ports/link.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';

export interface BenchCloudOptions {
  /** Folder of the ledger, births and events. */
  readonly dir: string;
  readonly group: string;
  readonly ledger: Ledger;
  readonly store: Pick<TelemetryStore, 'write' | 'open' | 'close'>;
  readonly handlers?: IngestHandlers;
  /** When set, gateways connect with certificates over TLS 1.3 and enrol at the same port; otherwise they use plain MQTT. */
  readonly authority?: BenchAuthority;
  /** 0 picks a free port. */
  readonly port?: number;
  /** Receives the error of a broken connection; without a handler it is thrown. */
  readonly onError?: (error: unknown) => void;
  readonly onConnection?: (gateway: string, connected: boolean) => void;
}

export interface BenchAuthority {
  readonly data: string;
  readonly identity: TlsIdentity;
}

export async function makeAuthority(data: string): Promise<BenchAuthority> {
  const now = Date.now();
  await initAuthority({ data, rootKey: '', now }, 'Loadstone bench');
  return { data, identity: { pem: await serverIdentity(data, [], now), roots: new Authority(data).roots() } };
}

/** Issues a certificate to each gateway, in a folder of its name. */
export async function certifyAll(data: string, identities: string, gateways: readonly string[]): Promise<void> {
  const authority = new Authority(data);
  for (const name of gateways) {
    const { key, request } = await makeRequest(name);
    const certificate = unwrap(await authority.certify(name, request, Date.now()));
    const answer = { gateway: name, certificate, roots: authority.roots(), documentKeys: { keys: [] } };
    unwrap(putIdentity(join(identities, name), key, answer, true));
  }
}

const fail = (error: unknown): never => {
  throw error;
};

/** The cloud's ingest path as in production (broker, ingest, ledger and event log on disk), without the tiers behind it. */
export class BenchCloud {
  readonly clock = new SystemClock(fail);
  readonly broker: UplinkBroker;
  readonly link: Link;
  readonly ingest: Ingest;
  readonly #options: BenchCloudOptions;
  readonly #births: BirthFile;
  readonly #events: OpenedEvents;
  /** TLS handshakes of MQTT connections without session resumption. */
  fullHandshakes = 0;

  constructor(options: BenchCloudOptions) {
    this.#options = options;
    const { dir, group, ledger, store, handlers, authority, port = 0, onConnection, onError = fail } = options;
    this.broker = new UplinkBroker({
      ...(authority === undefined ? { port } : this.#secured(authority, port)),
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
      // Wide enough for the plant times of all benches.
      maxAgeDays: 36_500,
      ...(handlers === undefined ? {} : { handlers }),
    });
  }

  #secured({ data, identity }: BenchAuthority, port: number): Pick<UplinkBrokerOptions, 'tls' | 'certificates'> {
    const { machine } = this.clock;
    const judge = new Judge({ standings: {}, now: () => machine.now() });
    const enrolment = new EnrolServer({
      data,
      time: machine,
      brake: new GuessBrake(machine),
      onIssued: () => undefined,
      onRefused: () => undefined,
      onError: this.#options.onError ?? fail,
    });
    return {
      tls: { host: '127.0.0.1', port, identity, onHttp: (socket) => enrolment.take(socket) },
      certificates: {
        judge: (socket: TLSSocket) => {
          if (!socket.isSessionReused()) this.fullHandshakes++;
          return judge.judge(socket);
        },
        isRevoked: () => false,
      },
    };
  }

  get url(): string {
    return this.broker.tlsPort === 0
      ? `mqtt://127.0.0.1:${this.broker.port}`
      : `mqtts://127.0.0.1:${this.broker.tlsPort}`;
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

/** A ledger on disk and an InfluxDB store that uses it. */
export function influxAndLedger(
  url: string,
  dir: string,
  database: string,
): { readonly ledger: Ledger; readonly store: InfluxStore } {
  const ledger = new Ledger(new LedgerFile(join(dir, 'ledger.db')));
  return { ledger, store: new InfluxStore({ url, database, create: true, receivedAt: ledger }) };
}
