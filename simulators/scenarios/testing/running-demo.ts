import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlanView } from '../../../shared/contracts/plan.ts';
import type { EventView, FeederView, GatewayView, RegionView } from '../../../shared/contracts/view.ts';
import { until } from '../../../shared/testing/until.ts';
import { askDaemon } from '../../../edge/local/socket-client.ts';
import type { GatewayStatus } from '../../../edge/local/protocol.ts';
import { freePorts } from '../../testing/free-ports.ts';
import { familyOf, leftOf, type Process } from './processes.ts';

export interface DemoFlags {
  /** All ten by default. */
  readonly substations?: readonly string[];
  /** Plant seconds per second; 60 by default. */
  readonly speed?: number;
  /** Data folder of an earlier run to resume; a new folder by default. */
  readonly data?: string;
  /** Port that gateways connect to instead of the cloud's. */
  readonly uplinkVia?: number;
  readonly uplinkPort?: number;
  /** Runs everything in one process. */
  readonly inProcess?: boolean;
  /** Skips the history import, so that no model is trained; training would occupy a processor throughout the demo. */
  readonly history?: false;
  /** Folder of the version to run; this one by default. */
  readonly root?: string;
  /** Extra environment variables for its processes. */
  readonly env?: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MOST_PORTS = 14;
/** The demo itself forces its end after four seconds; the rest allows for a slow machine. */
const STOP_S = 20;
const EVENT_PAGES = 40;

/** The demo as a user starts it, with real processes, in a folder of its own. */
export class RunningDemo {
  readonly data: string;
  readonly #child: ChildProcess;
  readonly #port: number;
  #output = '';

  private constructor(child: ChildProcess, { data, port }: { readonly data: string; readonly port: number }) {
    this.data = data;
    this.#child = child;
    this.#port = port;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
  }

  static async start(flags: DemoFlags = {}): Promise<RunningDemo> {
    const data = flags.data ?? mkdtempSync(join(tmpdir(), 'loadstone-demo-'));
    if (flags.history === false) noHistory(data);
    const port = await freePorts(MOST_PORTS);
    const args = ['demo', '--data', data, '--port', `${port}`, '--uplink-port', `${flags.uplinkPort ?? port + 1}`];
    args.push('--local-port', `${port + 2}`);
    if (flags.substations !== undefined) args.push('--substations', flags.substations.join(','));
    if (flags.speed !== undefined) args.push('--speed', `${flags.speed}`);
    if (flags.inProcess === true) args.push('--in-process');
    if (flags.uplinkVia !== undefined) args.push('--uplink-via', `${flags.uplinkVia}`);
    // A process group of its own, so that Ctrl-C reaches all processes at once, as from a terminal.
    const root = flags.root ?? ROOT;
    const child = spawn(process.execPath, [join(root, 'deploy', 'loadstone.mjs'), ...args], {
      cwd: root,
      env: { ...process.env, ...flags.env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new RunningDemo(child, { data, port });
  }

  /** Output so far. */
  get output(): string {
    return this.#output;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get token(): string {
    return readFileSync(join(this.data, 'cloud', 'token'), 'utf8').trim();
  }

  /** Waits until the demo prints that its page is up. */
  async ready(withinS = 300): Promise<void> {
    const ended = (): number | string | null => this.#child.exitCode ?? this.#child.signalCode;
    await until('the demo is up', () => this.#output.includes('keys ') || ended() !== null, { withinS }).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${this.#report()}`);
      },
    );
    assert.equal(ended(), null, `the demo exited before it was up\n${this.#report()}`);
  }

  async get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.url}${path}`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as T;
  }

  post(path: string, body: object, token = this.token): Promise<Response> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    return fetch(`${this.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  region(): Promise<RegionView> {
    return this.get('/v1/view/region');
  }

  feeder(id: string): Promise<FeederView> {
    return this.get(`/v1/view/feeders/${id}`);
  }

  plan(feeder: string): Promise<PlanView> {
    return this.get(`/v1/feeders/${feeder}/plan`);
  }

  async gateway(id: string): Promise<GatewayView> {
    const { items } = await this.get<{ items: GatewayView[] }>('/v1/gateways');
    const found = items.find((each) => each.id === id);
    assert.ok(found, `gateway ${id} is listed`);
    return found;
  }

  /** All stored events, oldest first. */
  async events(): Promise<EventView[]> {
    const all: EventView[] = [];
    let cursor: number | null = null;
    for (let page = 0; page < EVENT_PAGES; page++) {
      const from: string = cursor === null ? '' : `&cursor=${cursor}`;
      const answer: { items: EventView[]; nextCursor: number | null } = await this.get(`/v1/events?limit=1000${from}`);
      all.push(...answer.items);
      cursor = answer.nextCursor;
      if (cursor === null) break;
    }
    return all.toReversed();
  }

  /** Status of a gateway from its own socket, with or without a cloud. */
  async atSite(gateway: string): Promise<GatewayStatus> {
    const answer = await askDaemon(join(this.data, 'gateways', gateway, 'gateway.sock'), { op: 'status' });
    if (!('status' in answer)) throw new Error(`${gateway} reports no status: ${JSON.stringify(answer)}`);
    return answer.status;
  }

  processes(): Process[] {
    return this.#child.pid === undefined ? [] : familyOf(this.#child.pid);
  }

  /** The process of the cloud, or of the gateway with this id. */
  process(name: string): Process | undefined {
    const config = name === 'cloud' ? 'cloud.yaml' : join('gateways', name, 'gateway.yaml');
    return this.processes().find(({ command }) => command.includes(join(this.data, config)));
  }

  kill(name: string): Process {
    const found = this.process(name);
    assert.ok(found, `${name} runs`);
    process.kill(found.pid, 'SIGKILL');
    return found;
  }

  /** Sends Ctrl-C as a terminal does, to every process of the group, and checks that all end soon. */
  async interrupt(): Promise<void> {
    const family = this.processes();
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    process.kill(-this.#child.pid!, 'SIGINT');
    const since = performance.now();
    await until('every process has ended', () => leftOf(family).length === 0, { withinS: STOP_S, mostMs: 50 }).catch(
      () => {
        const left = leftOf(family).map(({ pid, command }) => `  ${pid} ${command.slice(-120)}`);
        assert.fail(
          `after ${(performance.now() - since) / 1000} s these still run:\n${left.join('\n')}\n${this.#report()}`,
        );
      },
    );
    await ended;
  }

  /** Kills the remaining processes and deletes the data unless `keep` is set. */
  close({ keep = false } = {}): void {
    for (const { pid } of this.processes().toReversed()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended in the meantime.
      }
    }
    if (keep) process.stderr.write(`${this.#report()}\n`);
    else rmSync(this.data, { recursive: true, force: true });
  }

  /** The demo's output and the ends of its logs. */
  #report(): string {
    const folder = join(this.data, 'logs');
    const logs = (() => {
      try {
        return readdirSync(folder).map(
          (name) => `--- ${name}\n${readFileSync(join(folder, name), 'utf8').slice(-1500)}`,
        );
      } catch {
        return [];
      }
    })();
    return [`data and logs: ${this.data}`, this.#output, ...logs].join('\n');
  }
}

/** Marks the history before the demo's start as already imported. */
function noHistory(data: string): void {
  mkdirSync(join(data, 'cloud'), { recursive: true });
  writeFileSync(join(data, 'cloud', 'history-imported'), '');
}

/** Runs `work` on a demo and always ends it; on failure its data stays and its logs are printed. */
export async function withDemo(flags: DemoFlags, work: (demo: RunningDemo) => Promise<void>): Promise<void> {
  const demo = await RunningDemo.start(flags);
  let good = false;
  try {
    await demo.ready();
    await work(demo);
    good = true;
  } finally {
    demo.close({ keep: !good });
  }
}
