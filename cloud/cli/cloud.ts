import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, writeFault, writeHelp } from '../../shared/config/command-line.ts';
import { printConfig } from '../../shared/config/print-config.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { CloudConfig } from '../config.ts';
import { readText } from './data-folder.ts';

const HELP = `usage: loadstone cloud [--config FILE] [--port N] [--data DIR]
       loadstone cloud check [--config FILE] [--data DIR]
       loadstone cloud data [--config FILE] [--data DIR] [--json]
       loadstone cloud backup DIR [--config FILE] [--data DIR] [--passphrase-file FILE]
       loadstone cloud restore DIR [--config FILE] [--data DIR] [--passphrase-file FILE]
       loadstone cloud migrate --config FILE [--data DIR]
       loadstone cloud people [list | put NAME | password NAME | forget-passkeys NAME] [--config FILE] [--data DIR]

Runs the cloud tier in one process: MQTT for gateways, ingest, forecasts, dispatch, API and dashboard. With roles in the configuration it
runs some of these: [job] computes plans and trains models for the owner on another machine, [api] serves the page and the API.

  check     checks the configuration, the region, PostgreSQL and RabbitMQ before the cloud starts
  data      shows the size, growth and retention of each kind of data
  backup    copies all data, while the cloud runs or is stopped
  restore   restores a backup into an empty data folder
  migrate   moves the state into PostgreSQL
  people    manages users from this machine: the first admin, and emergencies

"loadstone cloud COMMAND --help" describes each.

  --config FILE    YAML file; without it the defaults apply (see --print-config)
  --port N         port of the page and the API (api.port)
  --data DIR       data folder (data)
  --print-config   prints every key with its meaning, and exits
  --help           this text

Environment variables override any key: LOADSTONE_API__PORT=8081 sets api.port.

examples:
  loadstone cloud --config /etc/loadstone/cloud.yaml
  loadstone cloud --print-config > cloud.yaml
  loadstone cloud data --data /var/lib/loadstone-cloud

exit codes: 0 stopped, 1 start or operation failed, 2 configuration or usage
`;

/** Commands about the data folder, loaded on demand, as the cloud itself is. */
const COMMANDS: Readonly<Record<string, () => Promise<{ run(args: readonly string[]): Promise<number> }>>> = {
  check: () => import('./check.ts'),
  data: () => import('./data.ts'),
  backup: () => import('./backup.ts'),
  restore: () => import('./restore.ts'),
  migrate: () => import('./migrate.ts'),
  people: () => import('./people.ts'),
};

/** A cloud that has lost its database exits within this time, ms. */
const LOST_MS = 30_000;

export async function run(args: readonly string[]): Promise<number> {
  const command = COMMANDS[args[0] ?? ''];
  if (command !== undefined) return (await command()).run(args.slice(1));
  const { values } = commandLine(
    args,
    0,
    {
      config: { type: 'string' },
      port: { type: 'string' },
      data: { type: 'string' },
      simulated: { type: 'boolean', default: false },
      'print-config': { type: 'boolean', default: false },
    },
    Object.keys(COMMANDS),
  );
  if (values.help) return writeHelp(HELP);
  if (values['print-config']) return say(printConfig(CloudConfig));
  const stopped = untilStopped();
  const { startCloud } = await import('../main.ts');
  const starting = startCloud({
    file: values.config ?? 'defaults',
    text: values.config === undefined ? '' : readText(values.config),
    flags: { 'api.port': values.port, data: values.data },
    dashboardRoot: builtDashboard(),
    parent: values.simulated ? process : undefined,
    log: (line) => process.stdout.write(`${line}\n`),
  }).catch((error: unknown) => {
    // The open channel to the plant's process would keep this one alive.
    if (process.connected) process.disconnect?.();
    throw error;
  });
  // A standby may wait for months. Exiting at once is as safe as a kill.
  const cloud = await Promise.race([stopped, starting]);
  if (cloud === undefined) process.exit(0);
  const lost = await Promise.race([stopped, cloud.lost]);
  if (lost === undefined) {
    await cloud.stop();
    process.exit(0);
  }
  // Work under way cannot be stored any more, so it may fail during the stop. A stop that hangs must not delay the restart.
  const late = Promise.withResolvers<void>();
  new SystemClock(late.reject).machine.after(LOST_MS, late.resolve);
  await Promise.race([cloud.stop(), late.promise]).catch(() => undefined);
  writeFault(lost);
  process.exit(1);
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

/** The built page, if it exists: `npm run build:dashboard` makes it. */
function builtDashboard(): string | undefined {
  const root = join(import.meta.dirname, '..', 'dashboard', 'dist');
  return existsSync(join(root, 'index.html')) ? root : undefined;
}

function untilStopped(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(undefined));
    process.once('disconnect', () => resolve(undefined));
  });
}
