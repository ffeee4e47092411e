import { Aedes } from 'aedes';
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { decodeChunk } from '../../shared/codec/chunk.ts';
import { sha256Of } from '../../shared/codec/sha256.ts';
import { generateSigningKey, signDocument } from '../../shared/codec/signed-document.ts';
import { NETWORK_VERSION } from '../../shared/contracts/federated.ts';
import { decodeDelta, DELTA_BYTES, normOf } from '../../shared/federated/delta.ts';
import { freshNetwork } from '../../shared/federated/network.ts';
import { uncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { topicFor } from '../../shared/topics/topics.ts';
import { until } from '../../shared/testing/until.ts';
import { MqttLink } from '../uplink/mqtt-link.ts';
import { configFor } from '../uplink/testing/bench.ts';
import { SimCloud } from '../uplink/testing/sim-cloud.ts';

const STEP_MS = 900_000;
const root = mkdtempSync(join(tmpdir(), 'loadstone-federated-'));
const fail = (error: unknown): never => {
  throw error;
};
const clock = new SystemClock(fail);
const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(root, { recursive: true, force: true });
});

async function startBroker(): Promise<number> {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.close();
    await new Promise<void>((resolve) => {
      aedes.close(() => resolve());
    });
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

/** Writes forty days of load in the format of a gateway's load book. */
function writeBook(folder: string): void {
  const random = new SeededRandom(1);
  const count = 40 * 96;
  const end = Math.floor(clock.plant.now() / STEP_MS) * STEP_MS;
  const view = new DataView(new ArrayBuffer(16 * count));
  for (let i = 0; i < count; i++) {
    view.setFloat64(16 * i, end - (count - i) * STEP_MS, true);
    view.setFloat64(16 * i + 8, 1000 + 400 * Math.sin((i / 96) * 2 * Math.PI) + 100 * random.next(), true);
  }
  mkdirSync(join(folder, 'training'), { recursive: true });
  writeFileSync(join(folder, 'training/loads.bin'), new Uint8Array(view.buffer));
}

test('a gateway killed with -9 while training resumes the round and offers a single update', async () => {
  const port = await startBroker();
  const { privateKey, publicKey } = await generateSigningKey();
  const folder = join(root, 'journal');
  writeBook(folder);
  const config = {
    ...configFor([publicKey]),
    url: `mqtt://127.0.0.1:${port}`,
    reconnectS: [0.1, 1] as const,
    journal: { path: folder, maxMb: 10, maxAgeMs: 86_400_000, syncMs: 50 },
    federated: { load: uncontrolledLoad(['transformer'], []), zone: 'Europe/Amsterdam' },
  };
  const link = new MqttLink({ ...config, keepAliveS: 10, clock, random: new SeededRandom(1), onFailure: fail });
  const cloud = new SimCloud({ link, clock, gateway: config.gateway });
  cloud.start();
  closing.push(() => {
    cloud.stop();
    return link.close();
  });
  const start = (): ChildProcess => {
    const script = new URL('../uplink/testing/gateway-process.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, JSON.stringify(config), 'quiet'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    closing.push(() => child.kill('SIGKILL'));
    return child;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };

  const base = freshNetwork(1);
  const bytes = new Uint8Array(base.buffer.slice(0));
  const sha256 = await sha256Of(bytes);
  cloud.model = { sha256, bytes };
  const now = Math.round(clock.plant.now());
  const rules = { clip: 0.05, noiseMultiplier: 0 };
  const document = {
    type: 'training',
    version: 1,
    gateway: config.gateway,
    epoch: 1,
    sequence: 1,
    issuedAt: now,
    acceptUntil: now + 3_600_000,
    validFrom: now,
    validUntil: now + 3_600_000,
    body: {
      id: 'round-1-owd',
      round: 1,
      network: NETWORK_VERSION,
      base: { sha256, bytes: bytes.length },
      epochs: 8,
      rowsPerEpoch: 4000,
      rate: 2e-3,
      proximal: 0,
      heldBackDays: 7,
      deadline: now + 3_600_000,
      ...rules,
    },
  } as const;
  const first = start();
  await until('it is born', () => cloud.births.length > 0);
  await cloud.publish('desiredTraining', unwrap(await signDocument(document, privateKey)));
  await until('the base is fetched', () => cloud.requests.length > 0);
  await wait(300);
  await kill(first);
  assert.equal(cloud.trainings.length, 0, 'it was killed before the end of the round');
  cloud.model = undefined;

  const second = start();
  await until('the round is offered', () => cloud.trainings.length > 0);
  const report = cloud.trainings[0]!;
  assert.equal(report.task, document.body.id);
  assert.equal(report.base, sha256);
  assert.ok(report.samples > 1000);
  assert.ok(report.metrics.nMae > 0 && report.days.length >= 6);
  assert.ok(report.update !== null);
  assert.equal(report.update.bytes, DELTA_BYTES);
  const ask = JSON.stringify({ sha256: report.update.sha256, index: 0 });
  await cloud.say(topicFor('trainingRequest', config.gateway), new TextEncoder().encode(ask));
  await until('the update comes', () => cloud.updates.length > 0);
  const chunk = decodeChunk(cloud.updates[0]!);
  assert.ok(chunk !== undefined);
  assert.equal(await sha256Of(chunk.bytes), report.update.sha256);
  const delta = unwrap(decodeDelta(chunk.bytes, rules));
  assert.ok(normOf(delta) > 0.9 * rules.clip && normOf(delta) < 1.2 * rules.clip, String(normOf(delta)));
  await kill(second);

  const offered = cloud.trainings.length;
  const third = start();
  await until('it is offered again', () => cloud.trainings.length > offered);
  assert.deepEqual(cloud.trainings.at(-1), report, 'an offered round is not trained again');
  await kill(third);
  assert.equal(cloud.stored.size, 0, 'no measurement was sent');
  const stages = cloud.reports.filter(({ type }) => type === 'training').map(({ stage }) => stage);
  assert.ok(stages.includes('accepted') && stages.includes('completed'), stages.join());
});
