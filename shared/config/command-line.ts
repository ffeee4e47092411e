import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { LoadstoneError } from '../outcome/outcome.ts';
import { nearest } from './nearest.ts';

const HELP = { help: { type: 'boolean', short: 'h', default: false } } as const;

type CommandLine<T extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: T & typeof HELP; allowPositionals: true }>
>;

/**
 * Parses the options of a command, `--help`, and at most `mostWords` positional words. An extra word (unless `--help` is given) or an
 * unknown option throws LS-CONFIG-006, which names it and suggests the nearest of `words` or of the options. An option without its value
 * throws the error of `parseArgs`. All of these are usage errors.
 */
export function commandLine<const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  mostWords: number,
  options: T,
  words: readonly string[] = [],
): CommandLine<T> {
  const known = { ...options, ...HELP };
  const line = parsed(args, known);
  const stray = line.positionals[mostWords];
  const { help } = line.values as { readonly help?: boolean };
  if (stray !== undefined && help !== true) throw unknown(`unexpected argument "${stray}"`, stray, words);
  return line;
}

function parsed<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    const isUnknown = error instanceof TypeError && 'code' in error && error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION';
    const given = isUnknown ? /'(-[^' ]*)/.exec(error.message)?.[1] : undefined;
    if (given === undefined) throw error;
    const flags = Object.keys(options).map((name) => `--${name}`);
    throw unknown(`unknown option ${given}`, given, flags);
  }
}

function unknown(what: string, given: string, known: readonly string[]): LoadstoneError {
  const near = nearest(given, known);
  return new LoadstoneError('LS-CONFIG-006', near === undefined ? what : `${what}; did you mean ${near}?`);
}

/** Writes the requested help. Returns 0. */
export function writeHelp(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

/** Writes a usage error and the command that shows the help; the full help would bury the one line that matters. Returns 2. */
export function misused(command: string, what: string): 2 {
  process.stderr.write(`loadstone ${command}: ${what}\n  loadstone ${command} --help shows the options.\n`);
  return 2;
}

/** Writes a coded error with its remedy. */
export function writeFault({ code, message, remedy }: LoadstoneError): void {
  process.stderr.write(`loadstone: ${code}: ${message}\n  ${remedy}\n`);
}

/** A subcommand: `token` of `pki`. */
export interface Subcommand {
  /** The name of its operand in the help, such as GATEWAY. Empty if it has none. */
  readonly operand: string;
}

/** The subcommand that the words name. If they name none, writes what is wrong and returns the exit code 2. */
export function subcommandOf<T extends Subcommand>(
  command: string,
  table: Readonly<Record<string, T>>,
  [name, operand]: readonly (string | undefined)[],
): T | 2 {
  const known = Object.keys(table);
  if (name === undefined) return misused(command, `expected one of ${known.join(', ')}`);
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  const near = nearest(name, known);
  if (found === undefined)
    return misused(
      command,
      `unknown command "${name}"; ${near === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${near}?`}`,
    );
  if (found.operand !== '' && operand === undefined) return misused(`${command} ${name}`, `expected ${found.operand}`);
  if (found.operand === '' && operand !== undefined)
    return misused(`${command} ${name}`, `unexpected argument "${operand}"`);
  return found;
}
