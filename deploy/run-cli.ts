import '../shared/inference/no-telemetry.ts';
import { writeFault } from '../shared/config/command-line.ts';
import { nearest } from '../shared/config/nearest.ts';
import { LoadstoneError } from '../shared/outcome/outcome.ts';
import { VERSION } from '../shared/version.ts';

/**
 * One command. It is imported only when called, so a gateway never loads the cloud. `run` gets the arguments after the command's name and
 * returns the exit code: 0 success, 1 something is missing or failed, 2 configuration or usage.
 */
export interface Command {
  readonly summary: string;
  load(): Promise<{ run(args: readonly string[]): Promise<number> }>;
}

export type CommandTable = Readonly<Record<string, Command>>;

function usage(commands: CommandTable): string {
  const width = Math.max(0, ...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, command]) => `  ${name.padEnd(width)}  ${command.summary}`);
  return [
    'usage: loadstone <command> [options]',
    '',
    ...lines,
    '',
    'loadstone <command> --help shows options, examples and exit codes; loadstone --version shows the version.',
    '',
  ].join('\n');
}

async function dispatch(program: string, commands: CommandTable, args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version') {
    process.stdout.write(`${program} ${VERSION}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage(commands));
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const near = nearest(name, Object.keys(commands));
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    process.stderr.write(`loadstone: unknown command "${name}"${hint}\n\n${usage(commands)}`);
    return 2;
  }
  const module = await command.load();
  return module.run(rest);
}

/** Runs a command line of `program` and sets the exit code. Coded faults are shown with their remedy, our own bugs with their stack. */
export async function runCli(program: string, commands: CommandTable, args: readonly string[]): Promise<void> {
  // A failing output (full disk, closed pipe) must not end a daemon.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    process.exitCode = await dispatch(program, commands, args);
  } catch (error) {
    const usageFault = usageMessage(error);
    if (usageFault !== undefined) {
      process.stderr.write(`loadstone: ${usageFault}\n  loadstone ${args[0] ?? ''} --help shows the options.\n`);
      process.exitCode = 2;
      return;
    }
    if (isOfFile(error)) {
      process.stderr.write(`loadstone: ${error.message}\n  Check the path and its permissions.\n`);
      process.exitCode = 1;
      return;
    }
    if (!(error instanceof LoadstoneError)) throw error;
    writeFault(error);
    process.exitCode = error.code.startsWith('LS-CONFIG') || error.status === 400 || error.status === 422 ? 2 : 1;
  }
}

/** The message of a usage error: parseArgs throws TypeErrors with its own codes. */
function usageMessage(error: unknown): string | undefined {
  const code = error instanceof TypeError && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS') && error instanceof Error
    ? error.message
    : undefined;
}

/** A missing file or lacking permission. It is no bug of ours, and its message names the file. */
const isOfFile = (error: unknown): error is Error => error instanceof Error && 'syscall' in error && 'path' in error;
