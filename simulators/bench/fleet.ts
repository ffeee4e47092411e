import { oneKey } from '../../shared/pki/key-list.ts';
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDocumentStore } from '../../cloud/plan/send/sqlite-document-store.ts';
import { Outbox } from '../../cloud/plan/send/outbox.ts';
import { LedgerFile } from '../../cloud/ingest/ledger-file.ts';
import { Ledger } from '../../cloud/ingest/ledger.ts';
import { SqliteStore } from '../../cloud/telemetry/sqlite-store.ts';
import { generateSigningKey, type SigningKey } from '../../shared/codec/signed-document.ts';
import { topicFor, topicTable } from '../../shared/topics/topics.ts';
import { makeToken } from '../../cloud/pki/tokens.ts';
import { BenchCloud, makeAuthority, type BenchAuthority } from './bench-cloud.ts';
import { pause, until } from './bench-gateway.ts';
import type { FleetCertificates, FleetNews, FleetOrder } from './fleet-gateways.child.ts';
import type { BenchOptions } from './options.ts';

export const GROUP = 'north';
/** Gateways per child process. */
const PER_PROCESS = 5000;

/** Time limit for a fleet to connect. On a busy machine its share of the processor decides. */
const MOST_MS = 900_000;
const SETTLE_MS = 5000;
const DOWN_MS = 2000;
const LOOK_MS = 20;
/** Longer than the time to beat, so nothing is resent within that time. */
const AGAIN_MS = 20_000;

/**
 * A whole fleet of gateways connects, gets one command each at once (such as a region-wide stop), loses its cloud, reconnects together and
 * gets another command. The cloud's outbox numbers, stores, signs and sends each command; the gateway verifies and persists it; the cloud
 * stores the acknowledgement. The time runs from the first document made to the last acknowledgement on the cloud's disk. The same then
 * runs over TLS 1.3 with a certificate per gateway: it enrols with a token, renews, and enrols again, each over its own connection.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const gateways = quick ? 1000 : 10_000;
  say('plain MQTT on loopback');
  const plain = await measure(gateways, false, say);
  say('TLS 1.3 with certificates');
  return { gateways, ...plain, tls: await measure(gateways, true, say), loadAverageAtEnd: loadavg()[0] };
}

async function measure(
  gateways: number,
  isSecure: boolean,
  say: BenchOptions['say'],
): Promise<Record<string, unknown>> {
  const names = Array.from({ length: gateways }, (_, at) => `gateway-${at}`);
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));
  const identities = join(dir, 'gateways');
  const key = await generateSigningKey();
  const authority = isSecure ? await makeAuthority(join(dir, 'authority')) : undefined;
  const own = { dir, key: key.privateKey, authority };
  let cloud = new FleetCloud({ ...own, port: 0 });
  const { url, port } = await cloud.start();
  const fleet = new Fleet();
  const rounds: Round[] = [];
  let peakMb = 0;
  const watch = setInterval(() => (peakMb = Math.max(peakMb, process.memoryUsage().rss / 1e6)), 200);
  const storm = async (what: string): Promise<Storm> => {
    const came = await comesIn(fleet, { gateways, what, cpuFrom: process.cpuUsage(), say });
    const { broken: brokenConnections, fullHandshakes } = cloud;
    return { ...came, brokenConnections, ...(isSecure ? { fullHandshakes } : {}) };
  };
  const command = async (): Promise<void> => {
    const round = await commands(cloud, { names, round: rounds.length + 1, say });
    rounds.push(round);
    say(`round ${rounds.length}: ${gateways} acknowledged in ${round.seconds} s, ${round.cloudCpuSeconds} s of CPU`);
  };
  const certify = async (
    what: string,
    by: (some: readonly string[]) => FleetCertificates['by'],
  ): Promise<Certified> => {
    const [from, cpuFrom] = [performance.now(), process.cpuUsage()];
    const { count, triedAgain } = await fleet.certify((some) => ({ url, identities, by: by(some) }));
    const seconds = rounded((performance.now() - from) / 1000);
    say(`${count} of ${gateways} ${what} in ${seconds} s`);
    return { gateways: count, lost: gateways - count, triedAgain, seconds, cloudCpuSeconds: cpuSince(cpuFrom) };
  };
  const tokens = (some: readonly string[]): FleetCertificates['by'] => ({
    tokens: some.map((name) => makeToken(authority!.data, name, { now: Date.now() })),
  });
  try {
    fleet.spread(names);
    const certificates = isSecure
      ? {
          enrolled: await certify('enrolled', tokens),
          renewed: await certify('renewed', (some) => ({ names: some })),
          enrolledAnew: await certify('enrolled anew', tokens),
        }
      : {};
    fleet.start({ url, group: GROUP, trustedKey: key.publicKey, ...(isSecure ? { identities } : {}) });
    const first = await storm('is born');
    await pause(SETTLE_MS);
    const idleMb = process.memoryUsage().rss / 1e6;
    for (let round = 1; round <= 3; round++) await command();
    await cloud.stop();
    await until(() => fleet.connected === 0, MOST_MS, 'all connections closed');
    await pause(DOWN_MS);
    cloud = new FleetCloud({ ...own, port });
    await cloud.start();
    const again = await storm('is back after a restart of the cloud');
    await pause(SETTLE_MS);
    await command();
    const verified = await fleet.verified();
    if (verified.count !== rounds.length * gateways)
      throw new Error(`${verified.count} of ${rounds.length * gateways} documents were verified`);
    return {
      acknowledgedWithinSeconds: Math.max(...rounds.map(({ seconds }) => seconds)),
      rssMb: Math.round(peakMb),
      ...certificates,
      rounds,
      documentsVerified: verified.count,
      connect: first,
      reconnect: again,
      rssIdleMb: Math.round(idleMb),
      gatewaysRssMb: Math.round(verified.rssMb),
      gatewaysCpuSeconds: Math.round(verified.cpuSeconds),
    };
  } finally {
    clearInterval(watch);
    fleet.stop();
    await cloud.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Gateways that requested a certificate, each over its own connection. */
interface Certified {
  readonly gateways: number;
  readonly lost: number;
  readonly triedAgain: number;
  readonly seconds: number;
  readonly cloudCpuSeconds: number;
}

interface Storm {
  readonly seconds: number;
  readonly cloudCpuSeconds: number;
  /** Connections that were dropped or reset on the way. */
  readonly brokenConnections: number;
  /** TLS handshakes without session resumption. */
  readonly fullHandshakes?: number;
}

interface Round {
  readonly documents: number;
  readonly seconds: number;
  /** Commands that were resent because they stayed unacknowledged. */
  readonly sentAgain: number;
  readonly cloudCpuSeconds: number;
}

const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;

function cpuSince(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from);
  return rounded((user + system) / 1e6);
}

interface Coming {
  readonly gateways: number;
  readonly what: string;
  readonly cpuFrom: NodeJS.CpuUsage;
  readonly say: BenchOptions['say'];
}

async function comesIn(
  fleet: Fleet,
  { gateways, what, cpuFrom, say }: Coming,
): Promise<Pick<Storm, 'seconds' | 'cloudCpuSeconds'>> {
  const from = performance.now();
  const progress = setInterval(() => say(`${fleet.connected} of ${gateways} connected`), 10_000);
  try {
    await until(() => fleet.connected === gateways, MOST_MS, `a fleet of ${gateways} ${what}`);
  } finally {
    clearInterval(progress);
  }
  const seconds = rounded((performance.now() - from) / 1000);
  say(`a fleet of ${gateways} ${what}: ${seconds} s`);
  return { seconds, cloudCpuSeconds: cpuSince(cpuFrom) };
}

async function commands(
  cloud: FleetCloud,
  { names, round, say }: { names: readonly string[]; round: number; say: BenchOptions['say'] },
): Promise<Round> {
  cloud.accepted.clear();
  const from = performance.now();
  const cpuFrom = process.cpuUsage();
  await Promise.all(names.map((gateway) => stop(cloud.outbox, { gateway, round, now: cloud.now() })));
  let sentAgain = 0;
  for (let dueAt = from + AGAIN_MS; cloud.accepted.size < names.length;) {
    if (performance.now() - from > MOST_MS) throw new Error(`round ${round}: ${cloud.accepted.size} acknowledged`);
    await pause(LOOK_MS);
    if (performance.now() < dueAt) continue;
    dueAt += AGAIN_MS;
    // Unacknowledged commands are resent under the same id.
    const missing = names.filter((gateway) => !cloud.accepted.has(gateway));
    sentAgain += missing.length;
    say(`round ${round}: ${missing.length} unacknowledged, ${cloud.broken} connections broken`);
    await Promise.all(missing.map((gateway) => stop(cloud.outbox, { gateway, round, now: cloud.now() })));
  }
  const seconds = rounded((performance.now() - from) / 1000);
  return { documents: names.length, seconds, sentAgain, cloudCpuSeconds: cpuSince(cpuFrom) };
}

interface FleetCloudOptions {
  readonly dir: string;
  readonly key: SigningKey;
  readonly authority: BenchAuthority | undefined;
  readonly port: number;
}

/** The cloud's ingest path and its outbox. */
export class FleetCloud {
  readonly accepted = new Set<string>();
  readonly outbox: Outbox;
  readonly #cloud: BenchCloud;
  readonly #documents: SqliteDocumentStore;
  #running = false;

  constructor({ dir, key, authority, port }: FleetCloudOptions) {
    const ledger = new Ledger(new LedgerFile(join(dir, 'ledger.db')));
    this.#documents = new SqliteDocumentStore(join(dir, 'documents.db'));
    this.#cloud = new BenchCloud({
      dir,
      group: GROUP,
      ...(authority === undefined ? {} : { authority }),
      port,
      ledger,
      store: new SqliteStore({ path: join(dir, 'telemetry.db'), receivedAt: ledger }),
      handlers: {
        onBirth: (gateway, device) => (device === undefined ? this.outbox.born(gateway) : undefined),
        onReport: async (gateway, _topic, report) => {
          if ((await this.outbox.reported(gateway, report)) && report.stage === 'accepted') this.accepted.add(gateway);
        },
      },
    });
    this.outbox = new Outbox({
      clock: this.#cloud.clock,
      store: this.#documents,
      keys: oneKey(key),
      reads: (gateway) => this.#cloud.ingest.reads(gateway),
      send: async (gateway, topic, payload) => {
        await this.#cloud.link.publish(topicFor(topic, gateway), payload, { qos: topicTable[topic].qos });
      },
    });
  }

  get broken(): number {
    return this.#cloud.broker.broken;
  }

  now(): number {
    return this.#cloud.clock.plant.now();
  }

  get fullHandshakes(): number {
    return this.#cloud.fullHandshakes;
  }

  async start(): Promise<{ url: string; port: number }> {
    this.#running = true;
    this.#documents.open();
    await this.#cloud.start();
    const { url } = this.#cloud;
    return { url, port: Number(new URL(url).port) };
  }

  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    await this.#cloud.stop();
    this.#documents.close();
  }
}

async function stop(outbox: Outbox, to: { gateway: string; round: number; now: number }): Promise<void> {
  const now = Math.floor(to.now);
  const sent = await outbox.command({
    type: 'command',
    version: 1,
    gateway: to.gateway,
    issuedAt: now,
    // A resend is the same command, so it must still be acceptable when the last gateway's turn comes.
    acceptUntil: now + MOST_MS,
    validFrom: now,
    validUntil: now + 3_600_000,
    body: {
      id: `${to.gateway}-round-${to.round}`,
      kind: 'stop',
      reason: 'fleet bench',
      user: 'bench',
      expiresAt: now + 3_600_000,
    },
  });
  if (!sent.ok) throw new Error(sent.fault.detail);
}

type Verified = Omit<Extract<FleetNews, { kind: 'verified' }>, 'kind'>;

/** The child processes that run the gateways. */
export class Fleet {
  readonly #children = new Map<ChildProcess, readonly string[]>();
  readonly #connected = new Map<ChildProcess, number>();

  /** Starts one process for each part of the names. */
  spread(names: readonly string[]): void {
    for (let from = 0; from < names.length; from += PER_PROCESS) {
      const child = fork(new URL('./fleet-gateways.child.ts', import.meta.url), {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      child.on('message', (news: FleetNews) => {
        if (news.kind === 'connected') this.#connected.set(child, news.count);
      });
      this.#children.set(child, names.slice(from, from + PER_PROCESS));
    }
  }

  start(rest: Omit<FleetOrder, 'names'>): void {
    for (const [child, names] of this.#children) child.send({ ...rest, names } satisfies FleetOrder);
  }

  async certify(
    order: (names: readonly string[]) => FleetCertificates,
  ): Promise<{ count: number; triedAgain: number }> {
    const each = await this.#asked('certified', (child, names) => void child.send(order(names)));
    return {
      count: each.reduce((sum, { count }) => sum + count, 0),
      triedAgain: each.reduce((sum, { triedAgain }) => sum + triedAgain, 0),
    };
  }

  get connected(): number {
    return [...this.#connected.values()].reduce((sum, count) => sum + count, 0);
  }

  async verified(): Promise<Verified> {
    const each = await this.#asked('verified', (child) => void child.send('count'));
    const total = (key: keyof Verified): number => each.reduce((sum, one) => sum + one[key], 0);
    return { count: total('count'), rssMb: total('rssMb'), cpuSeconds: total('cpuSeconds') };
  }

  /** Asks each process and collects the answers. */
  #asked<Kind extends FleetNews['kind']>(
    kind: Kind,
    ask: (child: ChildProcess, names: readonly string[]) => void,
  ): Promise<Extract<FleetNews, { kind: Kind }>[]> {
    return Promise.all(
      [...this.#children].map(
        ([child, names]) =>
          new Promise<Extract<FleetNews, { kind: Kind }>>((resolve, reject) => {
            const hear = (news: FleetNews): void => {
              if (news.kind !== kind) return;
              child.off('message', hear);
              resolve(news as Extract<FleetNews, { kind: Kind }>);
            };
            child.on('message', hear);
            child.once('exit', (code) => reject(new Error(`gateways exited with ${String(code)}`)));
            ask(child, names);
          }),
      ),
    );
  }

  stop(): void {
    for (const child of this.#children.keys()) child.kill('SIGKILL');
  }
}
