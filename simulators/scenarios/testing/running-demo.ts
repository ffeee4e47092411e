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
  /** All ten where absent. */
  readonly substations?: readonly string[];
  /** Plant seconds per second; 60 where absent. */
  readonly speed?: number;
  /** Data of an earlier run that is to go on; a new folder where absent. */
  readonly data?: string;
  /** Port that gateways connect to instead of the cloud's. */
  readonly uplinkVia?: number;
  readonly uplinkPort?: number;
  /** Everything in one process. */
  readonly inProcess?: boolean;
  /** Without the weeks before its start: then no model is trained, which takes a processor for as long as the demo runs. */
  readonly history?: false;
  /** Folder of the version that runs; this one where absent. */
  readonly root?: string;
  /** For its processes, beside this one's. */
  readonly env?: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MOST_PORTS = 14;
/** The demo itself ends by force after four seconds; the rest is the machine's. */
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
    // A process group of its own, so that Ctrl-C can reach all of it at once, as a terminal does it.
    const root = flags.root ?? ROOT;
    const child = spawn(process.execPath, [join(root, 'deploy', 'loadstone.mjs'), ...args], {
      cwd: root,
      env: { ...process.env, ...flags.env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new RunningDemo(child, { data, port });
  }

  /** What it has printed. */
  get output(): string {
    return this.#output;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get token(): string {
    return readFileSync(join(this.data, 'cloud', 'token'), 'utf8').trim();
  }

  /** Until it says where its page is. */
  async ready(withinS = 300): Promise<void> {
    const ended = (): number | string | null => this.#child.exitCode ?? this.#child.signalCode;
    await until('the demo is up', () => this.#output.includes('keys ') || ended() !== null, { withinS }).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${this.#report()}`);
      },
    );
    assert.equal(ended(), null, `the demo ended before it was up\n${this.#report()}`);
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

  /** Every event that is kept, oldest first. */
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

  /** What a gateway says at its own socket, whether there is a cloud or not. */
  async atSite(gateway: string): Promise<GatewayStatus> {
    const answer = await askDaemon(join(this.data, 'gateways', gateway, 'gateway.sock'), { op: 'status' });
    if (!('status' in answer)) throw new Error(`${gateway} gives no status: ${JSON.stringify(answer)}`);
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

  /** Ctrl-C, as a terminal sends it: to every process of the group. Nothing is left soon after. */
  async interrupt(): Promise<void> {
    const family = this.processes();
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    process.kill(-this.#child.pid!, 'SIGINT');
    const since = performance.now();
    await until('every process has ended', () => leftOf(family).length === 0, { withinS: STOP_S, mostMs: 50 }).catch(
      () => {
        const left = leftOf(family).map(({ pid, command }) => `  ${pid} ${command.slice(-120)}`);
        assert.fail(
          `after ${(performance.now() - since) / 1000} s there still run\n${left.join('\n')}\n${this.#report()}`,
        );
      },
    );
    await ended;
  }

  /** Ends what is left, and takes its data away unless it is to be looked at. */
  close({ keep = false } = {}): void {
    for (const { pid } of this.processes().toReversed()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
    if (keep) process.stderr.write(`${this.#report()}\n`);
    else rmSync(this.data, { recursive: true, force: true });
  }

  /** What it printed and the ends of its logs. */
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

/** As if what was recorded before the demo's start had been imported already. */
function noHistory(data: string): void {
  mkdirSync(join(data, 'cloud'), { recursive: true });
  writeFileSync(join(data, 'cloud', 'history-imported'), '');
}

/** Runs `work` on a demo, and ends it however that goes; where it fails, its data stays and its logs are shown. */
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
