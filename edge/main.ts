import pino from 'pino';
import { commandLine, writeHelp } from '../shared/config/command-line.ts';
import { logLevel } from '../shared/config/log-level.ts';
import type { TimeLine } from '../shared/time/timeline-clock.ts';
import { bareConfig, loadConfig, printConfig, printShort } from './config/load.ts';
import { runLocal, localCommands } from './cli/local.ts';
import { assignments } from './cli/assignments.ts';
import { runBackup } from './cli/backup.ts';
import { HELP } from './cli/help.ts';
import { runLogs } from './cli/logs.ts';
import { runScan } from './cli/scan.ts';
import { runTest } from './cli/test-device.ts';
import { ownGateway } from './compose-check.ts';
import { startDaemon, type Daemon } from './compose-daemon.ts';
import { openFieldWire } from './drivers/modbus/serial-wire.ts';
import { DEFAULT_CONFIG } from './local/paths.ts';
import { serviceManager } from '../shared/service/service-manager.ts';
import { Watchdog } from '../shared/service/watchdog.ts';

const COMMANDS = ['backup', 'restore', 'enrol', 'trust', 'test', 'logs', 'scan', ...Object.keys(localCommands)];

/** The gateway daemon, and the commands that talk to it. */
export async function run(args: readonly string[]): Promise<number> {
  const [first] = args;
  if (first === 'backup' || first === 'restore') return runBackup(first, args.slice(1));
  if (first === 'enrol') return (await import('./cli/enrol.ts')).runEnrol(args.slice(1));
  if (first === 'trust') return (await import('./cli/trust.ts')).runTrust(args.slice(1));
  if (first === 'test') return runTest(args.slice(1), ownGateway);
  if (first === 'logs') return runLogs(args.slice(1));
  if (first === 'scan') return runScan(args.slice(1), openFieldWire);
  if (first !== undefined && Object.hasOwn(localCommands, first)) return runLocal(first, args.slice(1), ownGateway);
  const { values } = commandLine(
    args,
    0,
    {
      config: { type: 'string', default: DEFAULT_CONFIG },
      set: { type: 'string', multiple: true, default: [] },
      'print-config': { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      timeline: { type: 'boolean', default: false },
      'log-level': { type: 'string' },
    },
    COMMANDS,
  );
  if (values.help) return writeHelp(HELP);
  if (values['print-config'] && !values.short) {
    process.stdout.write(printConfig());
    return 0;
  }
  if (values.timeline && process.send === undefined) {
    process.stderr.write('loadstone edge: --timeline needs a parent process that sends the time line over IPC\n');
    return 2;
  }
  const config = loadConfig(values.config, { env: process.env, flags: assignments(values.set) });
  if (values.short) {
    process.stdout.write(printShort(config ?? bareConfig()));
    return 0;
  }
  const level = logLevel(process.env, values['log-level']);
  const to = pino.destination({ dest: 1, sync: true });
  // A log that cannot be written (full disk) is lost; the gateway goes on.
  to.on('error', () => undefined);
  const log = pino({ level, base: { gateway: config?.gateway.id ?? 'unconfigured' } }, to);
  const stopped = stopRequested();
  const lines = values.timeline ? new Lines() : undefined;
  const line = lines === undefined ? null : await Promise.race([lines.first, stopped]);
  if (line === undefined) return 0;
  const send = process.send?.bind(process);
  const daemon = await startDaemon({
    config,
    configPath: values.config,
    line,
    log,
    ...(lines === undefined || send === undefined
      ? {}
      : { onCycle: (plantTime: number) => void (process.connected && send({ type: 'cycle', plantTime }, unheard)) }),
  });
  if (lines !== undefined) lines.follow(daemon);
  const manager = serviceManager(process.env, (error) => log.warn({ err: error }, 'cannot notify the service manager'));
  const watchdog =
    manager === undefined
      ? undefined
      : new Watchdog({
          ...manager,
          machine: daemon.clock.machine,
          stalled: () => daemon.gateway.stalled(),
          onStalled: (why) => log.error(`watchdog not fed: ${why}`),
        });
  watchdog?.start();
  for (const lack of daemon.lacks) log.warn(`lacks ${lack}`);
  log.info({ port: daemon.localPort }, 'gateway runs');
  await stopped;
  watchdog?.stop();
  await stop(daemon, () => log.info('gateway has stopped'));
  return 0;
}

/** A parent that exits during a cycle report is no fault. The gateway stops, as for any lost parent. */
const unheard = (): void => undefined;

/** The time line sent by the parent: `{type: 'timeline', line}`. */
class Lines {
  readonly first: Promise<TimeLine>;
  #last: TimeLine | undefined;
  #daemon: Daemon | undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<TimeLine>();
    this.first = promise;
    process.on('message', (message) => {
      if (!isLine(message)) return;
      this.#last = message.line;
      resolve(message.line);
      this.#daemon?.setLine(message.line);
    });
  }

  follow(daemon: Daemon): void {
    this.#daemon = daemon;
    if (this.#last !== undefined) daemon.setLine(this.#last);
  }
}

function isLine(message: unknown): message is { type: 'timeline'; line: TimeLine } {
  if (typeof message !== 'object' || message === null || !('type' in message) || !('line' in message)) return false;
  const { type, line } = message;
  if (type !== 'timeline' || typeof line !== 'object' || line === null) return false;
  return ['plantOriginMs', 'monotonicOriginMs', 'speed'].every((key) =>
    Number.isFinite((line as Record<string, unknown>)[key]),
  );
}

/** Resolves at SIGTERM, at SIGINT, or when the parent that sets the time is gone. */
function stopRequested(): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(undefined));
  process.once('disconnect', () => resolve(undefined));
  return promise;
}

const STOP_MS = 1800;

/** Stops cleanly within two seconds. Records not yet synced are not accepted yet either. */
async function stop(daemon: Daemon, say: () => void): Promise<void> {
  const timer = daemon.clock.machine.after(STOP_MS, () => {
    process.stderr.write('loadstone edge: shutdown timed out; stopped anyway\n');
    process.exit(0);
  });
  await daemon.stop();
  timer.cancel();
  say();
  // A lingering ONNX Runtime session or socket must not keep the process alive.
  if (process.connected) process.disconnect?.();
  process.exit(0);
}
