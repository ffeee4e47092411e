import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Aedes } from 'aedes';
import { stringify } from 'yaml';
import { InProcessLink } from '../../edge/drivers/in-process-link.ts';
import { askDaemon } from '../../edge/local/socket-client.ts';
import { SimCloud } from '../../edge/uplink/testing/sim-cloud.ts';
import { bundleOf } from '../../cloud/forecast/registry/bundle.ts';
import { forecastTasks } from '../../cloud/forecast/serve/forecast-tasks.ts';
import { generateSigningKey, publicHalf, signDocument, type SigningKey } from '../../shared/codec/signed-document.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import { GATEWAY_QUANTILES } from '../../shared/forecast/quantiles.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { loadSeries, seriesStartMs, seriesStepMs } from '../data/series.ts';
import { GATEWAY_ENV, GATEWAY_FLAGS, packageEdge } from '../../deploy/package-edge.ts';
import { gatewayConfig } from '../region/gateway-config.ts';
import { GATEWAY_RECIPE, type Recipe } from '../../cloud/forecast/train/recipe.ts';
import { freePort } from '../testing/free-ports.ts';

const CLI = fileURLToPath(new URL('../../deploy/edge-cli.ts', import.meta.url));
const GATEWAY = 'owd-01';
const TRAINED_DAYS = 28;
/** Time after which a document is resent, as the cloud does, and after which the bench gives up. */
const AGAIN_MS = 20_000;
const LIMIT_MS = 150_000;

export interface BenchGatewayOptions {
  /** Changes the configuration before it is written. */
  readonly change?: (config: Record<string, unknown>) => void;
  /** This process publishes plant time at machine speed, so that it hears of each cycle. */
  readonly timeline?: boolean;
  readonly onCycle?: (plantTime: number) => void;
  /** Runs the packed bundle with its own copy of Node, as on a gateway. */
  readonly packed?: boolean;
}

/** The real daemon in a process of its own, with a small stand-in cloud that acknowledges frames and sends signed models. */
export class BenchGateway {
  readonly clock = new SystemClock((error) => {
    throw error;
  });
  readonly folder = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));
  /** Bytes sent by the gateway: topics and payloads, without MQTT headers. */
  bytesUp = 0;
  #key: SigningKey | undefined;
  #broker: Aedes | undefined;
  #server: Server | undefined;
  #cloud: SimCloud | undefined;
  #child: ChildProcess | undefined;
  #uplinkPort = 0;
  #sequence = 0;
  localPort = 0;

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get cloud(): SimCloud {
    return this.#cloud!;
  }

  async start(options: BenchGatewayOptions = {}): Promise<void> {
    const { privateKey } = await generateSigningKey();
    this.#key = privateKey;
    this.#uplinkPort = await freePort();
    const keysFile = join(this.folder, 'keys.json');
    writeFileSync(keysFile, JSON.stringify({ keys: [publicHalf(privateKey)] }));
    const config = gatewayConfig('owd', {
      uplinkUrl: `mqtt://127.0.0.1:${this.#uplinkPort}`,
      localListen: '127.0.0.1:0',
      journalPath: join(this.folder, 'journal'),
      keysFile,
      socketPath: this.#socketPath,
      report: { deadbandPct: 1, minIntervalS: 1, maxIntervalS: 60 },
    });
    options.change?.(config);
    const file = join(this.folder, 'gateway.yaml');
    writeFileSync(file, stringify(config));
    const args = ['edge', '--config', file, ...(options.timeline === true ? ['--timeline'] : [])];
    const child = fork(options.packed === true ? await this.#pack() : CLI, args, {
      cwd: this.folder,
      silent: true,
      serialization: 'advanced',
      execArgv: [...GATEWAY_FLAGS],
      env: { ...process.env, ...GATEWAY_ENV },
      ...(options.packed === true ? { execPath: this.packedNode } : {}),
    });
    this.#child = child;
    child.on('message', (message: { type: string; plantTime: number }) => {
      if (message.type === 'cycle') options.onCycle?.(message.plantTime);
    });
    if (options.timeline === true) {
      const line = { plantOriginMs: this.clock.plant.now(), monotonicOriginMs: this.clock.plant.elapsed(), speed: 1 };
      child.send({ type: 'timeline', line });
    }
    this.localPort = await portOf(child);
  }

  /** The bundled Node: it shares no pages with other processes of this machine. */
  get packedNode(): string {
    return join(this.folder, 'packed', 'node');
  }

  get #socketPath(): string {
    return join(this.folder, 'edge.sock');
  }

  /** Sets the mode as a person on site does with `edge mode`. */
  async setMode(mode: 'monitor' | 'automatic'): Promise<void> {
    const answer = await askDaemon(this.#socketPath, { op: 'mode', mode, reason: 'bench' });
    if (!answer.ok) throw new Error(`mode ${mode}: ${answer.text}`);
  }

  async #pack(): Promise<string> {
    const out = join(this.folder, 'packed');
    await packageEdge({ out, arch: process.arch === 'arm64' ? 'arm64' : 'x64' });
    return join(out, 'loadstone.mjs');
  }

  /** Starts the cloud's broker; everything the gateway has kept until now is its backlog. */
  async startCloud(): Promise<void> {
    const broker = await Aedes.createBroker();
    this.#broker = broker;
    broker.on('publish', (packet, client) => {
      if (client !== null) this.bytesUp += packet.payload.length + packet.topic.length;
    });
    this.#server = createServer((socket) => broker.handle(socket));
    this.#server.listen(this.#uplinkPort, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#cloud = new SimCloud({ link: new InProcessLink(() => broker), clock: this.clock, gateway: GATEWAY });
    this.#cloud.start();
  }

  /** Trains a model on the shipped record and returns its bundle with the given `createdAt`. */
  static async trainModel(createdAt: number): Promise<{ manifest: ModelManifest; bytes: Uint8Array }> {
    const record = loadSeries().find(({ id }) => id === 'owd');
    if (record === undefined) throw new Error('the shipped series of owd is missing');
    const count = (TRAINED_DAYS * 86_400_000) / seriesStepMs;
    const load = { start: seriesStartMs, stepS: seriesStepMs / 1000, values: record.netKw.slice(0, count) };
    const schema = { steps: 96, stepS: load.stepS, weather: false };
    const recipe: Recipe = { ...GATEWAY_RECIPE, members: ['ridge'], heldBackDays: 7 };
    const input = { recipe, load, schema, levels: GATEWAY_QUANTILES, zone: 'Europe/Amsterdam' };
    const trained = await forecastTasks.trainForecast(input);
    return bundleOf(trained, { target: 'substation:owd', substation: 'owd', role: 'gateway', createdAt });
  }

  /** Sends a signed model under an id of its own and resends it, as the cloud does, until it is in use. */
  async loadModel({ manifest, bytes }: { manifest: ModelManifest; bytes: Uint8Array }): Promise<void> {
    const now = Math.round(this.clock.plant.now());
    const sequence = ++this.#sequence;
    const id = `${manifest.id.slice(0, 50)}-${sequence}`;
    this.cloud.model = { sha256: manifest.sha256, bytes };
    const times = { issuedAt: now, acceptUntil: now + 3_600_000, validFrom: now - 1000, validUntil: now + 86_400_000 };
    const body = { ...manifest, id };
    const head = { type: 'model', version: 1, gateway: GATEWAY, epoch: 1, sequence } as const;
    const jws = unwrap(await signDocument({ ...head, ...times, body }, this.#key!));
    let sentMs = Number.NEGATIVE_INFINITY;
    const inUse = (): boolean => {
      const now = this.clock.machine.elapsed();
      if (this.#applied(id)) return true;
      if (now - sentMs >= AGAIN_MS) {
        sentMs = now;
        void this.cloud.publish('desiredModel', jws);
      }
      return false;
    };
    await until(inUse, LIMIT_MS, `the use of model ${sequence}`);
  }

  /** Whether the model with this document id is in use. */
  #applied(id: string): boolean {
    return this.cloud.reports.some((report) => report.id === id && report.stage === 'applied');
  }

  /** Ends the daemon; everything else keeps running. */
  async halt(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }

  async stop(): Promise<void> {
    await this.halt();
    this.#cloud?.stop();
    this.#server?.close();
    const broker = this.#broker;
    if (broker !== undefined) await new Promise<void>((resolve) => broker.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  let out = '';
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const hear = (chunk: Buffer): void => {
    out += chunk.toString();
    const port = /"port":(\d+)/.exec(out)?.[1];
    if (port !== undefined) resolve(Number(port));
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  child.once('exit', (code) => reject(new Error(`the gateway exited with ${code}: ${out.slice(-2000)}`)));
  return promise;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(condition: () => boolean, limitMs: number, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > limitMs) throw new Error(`${what} did not happen within ${limitMs} ms`);
    await pause(20);
  }
}
