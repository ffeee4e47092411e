import { readFileSync } from 'node:fs';
import { destination, pino } from 'pino';
import { dashboardRoot } from '../../cloud/dashboard/build.ts';
import { startCloud } from '../../cloud/main.ts';
import type { ToCloud } from '../../cloud/simulation/parent-line.ts';
import { startDaemon, type Daemon } from '../../edge/compose-daemon.ts';
import { loadConfig } from '../../edge/config/load.ts';
import type { TimeLine } from '../../shared/time/timeline-clock.ts';
import type { HostHooks, PartHost, PartMessage, PartPlan } from './host.ts';

type CloudListener = (message: ToCloud) => void;

/** Runs cloud and gateways in this process, for a debugger and for machines with little memory. A crash of one part ends all. */
export class InProcessHost implements PartHost {
  readonly #hooks: HostHooks;
  readonly #daemons: Daemon[] = [];
  readonly #cloudListeners: CloudListener[] = [];
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #starting: Promise<void>[] = [];
  #line: TimeLine | undefined;

  constructor(hooks: HostHooks) {
    this.#hooks = hooks;
  }

  start(plan: PartPlan): void {
    const started = plan.role === 'cloud' ? this.#startCloud(plan) : this.#startEdge(plan);
    this.#starting.push(started.catch((error: unknown) => this.#hooks.onFailed(plan.name, error)));
  }

  setLine(line: TimeLine): void {
    this.#line = line;
    for (const daemon of this.#daemons) daemon.setLine(line);
    this.#sendToCloud({ type: 'timeline', line });
  }

  send(_name: string, message: PartMessage): boolean {
    this.#sendToCloud(message as unknown as ToCloud);
    return this.#cloudListeners.length > 0;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#starting);
    await Promise.all(this.#stops.map((stop) => stop()));
  }

  async #startCloud({ name, config }: PartPlan): Promise<void> {
    const cloud = startCloud({
      file: config,
      text: readFileSync(config, 'utf8'),
      flags: {},
      dashboardRoot,
      parent: {
        send: (message) => {
          this.#hooks.onMessage(name, message);
          return true;
        },
        on: (_event, listener) => this.#cloudListeners.push(listener),
      },
      log: () => undefined,
    });
    if (this.#line !== undefined) this.#sendToCloud({ type: 'timeline', line: this.#line });
    const running = await cloud;
    this.#stops.push(() => running.stop());
  }

  async #startEdge({ name, config, logFile }: PartPlan): Promise<void> {
    const daemon = await startDaemon({
      config: loadConfig(config),
      configPath: config,
      line: this.#line ?? null,
      log: pino({ base: { gateway: name } }, destination({ dest: logFile, sync: true })),
      onCycle: (plantTime) => this.#hooks.onMessage(name, { type: 'cycle', plantTime }),
    });
    this.#daemons.push(daemon);
    this.#stops.push(() => daemon.stop());
    if (this.#line !== undefined) daemon.setLine(this.#line);
  }

  #sendToCloud(message: ToCloud): void {
    for (const listener of this.#cloudListeners) listener(message);
  }
}
