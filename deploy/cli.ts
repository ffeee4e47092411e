import { commands } from './commands.ts';
import { LoadstoneError } from '../shared/outcome/outcome.ts';

function usage(): string {
  const width = Math.max(0, ...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, command]) => `  ${name.padEnd(width)}  ${command.summary}`);
  return [
    'usage: loadstone <command> [options]',
    '',
    ...lines,
    '',
    'loadstone <command> --help shows options, examples and exit codes.',
    '',
  ].join('\n');
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage());
    return name === undefined ? 2 : 0;
  }
  const command = commands[name];
  if (command === undefined) {
    process.stderr.write(`loadstone: there is no command "${name}".\n\n${usage()}`);
    return 2;
  }
  const module = await command.load();
  return module.run(rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof LoadstoneError)) throw error;
  process.stderr.write(`loadstone: ${error.code}: ${error.message}\n  ${error.remedy}\n`);
  process.exitCode = error.code.startsWith('LS-CONFIG') || error.status === 400 || error.status === 422 ? 2 : 1;
}
