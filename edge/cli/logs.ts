import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, misused, writeHelp } from '../../shared/config/command-line.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { bareConfig, loadConfig } from '../config/load.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { SOFTWARE } from '../gateway.ts';
import { DEFAULT_CONFIG, socketToAsk } from '../local/paths.ts';
import { askDaemon } from '../local/socket-client.ts';
import { readable } from '../support/log-lines.ts';
import { supportReport } from '../support/report.ts';
import { serviceLog } from '../support/service-log.ts';
import { duration } from './assignments.ts';
import { HELP } from './help.ts';

/** Most lines in a report or on screen. */
const MOST_LINES = 20_000;

/** `edge logs`: prints the daemon's log from the service manager; with `--bundle` it writes a file for support. */
export async function runLogs(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 1, {
    config: { type: 'string', default: DEFAULT_CONFIG },
    socket: { type: 'string' },
    since: { type: 'string' },
    follow: { type: 'boolean', short: 'f', default: false },
    bundle: { type: 'boolean', default: false },
  });
  if (values.help) return writeHelp(HELP);
  if (positionals.length > 0 && !values.bundle)
    return misused('edge logs', `${positionals[0]}: a folder is only used with --bundle`);
  const sinceMs = 1000 * duration(values.since ?? (values.bundle ? '24h' : '1h'), '--since');
  if (values.bundle) return bundle(positionals[0] ?? '.', { ...values, sinceMs });
  try {
    let isEmpty = true;
    for await (const line of serviceLog({ sinceMs, lines: MOST_LINES, follow: values.follow })) {
      isEmpty = false;
      process.stdout.write(`${readable(line)}\n`);
    }
    if (isEmpty)
      process.stderr.write(
        `loadstone edge logs: no lines in the last ${values.since ?? '1h'}; --since 24h looks further back\n`,
      );
    return 0;
  } catch (error) {
    throw new LoadstoneError('LS-LOG-001', messageOf(error));
  }
}

async function bundle(
  folder: string,
  options: { readonly config: string; readonly socket?: string; readonly sinceMs: number },
): Promise<number> {
  const config = configAt(options.config);
  const usable = config instanceof Error ? undefined : config;
  const madeAt = Math.round(new SystemClock(() => undefined).machine.now());
  const text = await supportReport({
    configPath: options.config,
    config,
    software: SOFTWARE,
    madeAt,
    status: () => askDaemon(options.socket ?? socketToAsk(usable ?? bareConfig()), { op: 'status' }),
    log: () => serviceLog({ sinceMs: options.sinceMs, lines: MOST_LINES }),
  });
  const day = new Date(madeAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  const file = join(folder, `loadstone-${usable?.gateway.id ?? 'unconfigured'}-${day}Z.support.txt`);
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new LoadstoneError('LS-LOG-002', (error as Error).message);
  }
  process.stdout.write(`${file}: ${(text.length / 1000).toFixed(0)} kB\n`);
  process.stdout.write(
    'It contains addresses and measured values, but no passwords or keys. Read it before you send it.\n',
  );
  return 0;
}

function configAt(path: string): GatewayConfig | Error | undefined {
  try {
    return loadConfig(path, { env: process.env });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
