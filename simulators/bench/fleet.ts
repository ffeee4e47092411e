import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DocumentStore } from '../../cloud/dispatch/document-store.ts';
import { Outbox } from '../../cloud/dispatch/outbox.ts';
import { Ledger } from '../../cloud/ingest/ledger.ts';
import { SqliteStore } from '../../cloud/telemetry/sqlite-store.ts';
import { generateSigningKey } from '../../shared/codec/signed-document.ts';
import { topicFor, topicTable } from '../../shared/topics/topics.ts';
import { BenchCloud } from './bench-cloud.ts';
import { pause, until } from './bench-gateway.ts';
import type { FleetNews, FleetOrder } from './fleet-gateways.child.ts';
import type { BenchOptions } from './options.ts';

const GROUP = 'north';
/** Gateways in one process of theirs. */
const PER_PROCESS = 5000;

/**
 * One command to each gateway of a fleet at once, such as a stop of the region: numbered, kept, signed and sent by the cloud's
 * outbox, its bytes over the broker, verified and persisted by each gateway, and its acknowledgement kept by the cloud. The time
 * runs from the first document made to the last acknowledgement that is on the cloud's disk.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const gateways = quick ? 1000 : 10_000;
  const names = Array.from({ length: gateways }, (_, at) => `gateway-${at}`);
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));
  const { privateKey, publicKey } = await generateSigningKey();
  const documents = new DocumentStore(join(dir, 'documents.db'));
  documents.open();
  const ledger = new Ledger(join(dir, 'ledger.db'));
  const accepted = new Set<string>();
  const rounds: { documents: number; seconds: number; cloudCpuSeconds: number }[] = [];
  const store = new SqliteStore({ path: join(dir, 'telemetry.db'), receivedAt: ledger });
  const cloud: BenchCloud = new BenchCloud({
    dir,
    group: GROUP,
    ledger,
    store,
    onError: (error) => say(`broker: ${String(error)}`),
    handlers: {
      onBirth: (gateway, device) => (device === undefined ? outbox.born(gateway) : undefined),
      onReport: (gateway, _topic, report) => {
        if (outbox.reported(gateway, report) && report.stage === 'accepted') accepted.add(gateway);
      },
    },
  });
  const outbox: Outbox = new Outbox({
    clock: cloud.clock,
    store: documents,
    key: privateKey,
    send: async (gateway, topic, payload) => {
      await cloud.link.publish(topicFor(topic, gateway), payload, { qos: topicTable[topic].qos });
    },
  });
  await cloud.start();
  const fleet = new Fleet();
  try {
    const order = { port: cloud.broker.port, group: GROUP, trustedKey: publicKey };
    const began = performance.now();
    fleet.start(names, order);
    await until(() => fleet.connected === gateways, 300_000, `the birth of ${gateways} gateways`);
    const connectSeconds = (performance.now() - began) / 1000;
    say(`${gateways} gateways are born after ${connectSeconds.toFixed(1)} s; commands in three rounds`);
    await pause(quick ? 1000 : 5000);
    const idleMb = process.memoryUsage().rss / 1e6;
    let peakMb = idleMb;
    const watch = setInterval(() => (peakMb = Math.max(peakMb, process.memoryUsage().rss / 1e6)), 200);
    for (let round = 1; round <= 3; round++) {
      accepted.clear();
      const from = performance.now();
      const cpuFrom = process.cpuUsage();
      await Promise.all(names.map((gateway) => stop(outbox, { gateway, round, now: cloud.clock.plant.now() })));
      await until(() => accepted.size === gateways, 120_000, `the acknowledgement of all in round ${round}`);
      const { user, system } = process.cpuUsage(cpuFrom);
      rounds.push({
        documents: gateways,
        seconds: Math.round(performance.now() - from) / 1000,
        cloudCpuSeconds: Math.round((user + system) / 1000) / 1000,
      });
      say(`round ${round}: ${gateways} acknowledged in ${rounds.at(-1)!.seconds} s`);
    }
    clearInterval(watch);
    const verified = await fleet.verified();
    if (verified.count !== 3 * gateways)
      throw new Error(`${verified.count} of ${3 * gateways} documents were verified`);
    return {
      gateways,
      acknowledgedWithinSeconds: Math.max(...rounds.map(({ seconds }) => seconds)),
      rssMb: Math.round(peakMb),
      rounds,
      documentsVerified: verified.count,
      connectSeconds: Math.round(connectSeconds * 10) / 10,
      rssIdleMb: Math.round(idleMb),
      gatewaysRssMb: Math.round(verified.rssMb),
    };
  } finally {
    fleet.stop();
    await cloud.stop();
    documents.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function stop(outbox: Outbox, to: { gateway: string; round: number; now: number }): Promise<void> {
  const now = Math.floor(to.now);
  const sent = await outbox.command({
    type: 'command',
    version: 1,
    gateway: to.gateway,
    issuedAt: now,
    acceptUntil: now + 60_000,
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

/** The processes of the gateways. */
class Fleet {
  readonly #children: ChildProcess[] = [];
  readonly #connected = new Map<ChildProcess, number>();

  start(names: readonly string[], rest: Omit<FleetOrder, 'names'>): void {
    for (let from = 0; from < names.length; from += PER_PROCESS) {
      const child = fork(new URL('./fleet-gateways.child.ts', import.meta.url), {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      child.on('message', (news: FleetNews) => {
        if (news.kind === 'connected') this.#connected.set(child, news.count);
      });
      const order: FleetOrder = { ...rest, names: names.slice(from, from + PER_PROCESS) };
      child.send(order);
      this.#children.push(child);
    }
  }

  get connected(): number {
    return [...this.#connected.values()].reduce((sum, count) => sum + count, 0);
  }

  async verified(): Promise<{ count: number; rssMb: number }> {
    const all = this.#children.map(
      (child) =>
        new Promise<{ count: number; rssMb: number }>((resolve) => {
          child.on('message', (news: FleetNews) => {
            if (news.kind === 'verified') resolve(news);
          });
          child.send('count');
        }),
    );
    const each = await Promise.all(all);
    return each.reduce((sum, { count, rssMb }) => ({ count: sum.count + count, rssMb: sum.rssMb + rssMb }), {
      count: 0,
      rssMb: 0,
    });
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}
