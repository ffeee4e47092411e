import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { LoadstoneError } from '../outcome/outcome.ts';

const HELP = { help: { type: 'boolean', short: 'h', default: false } } as const;

type CommandLine<T extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: T & typeof HELP; allowPositionals: true }>
>;

/**
 * The options of a command, each has `--help` beside them, and at most `mostWords` words that belong to none. One word more throws
 * LS-CONFIG-006 and is named, unless help is asked for; an unknown option throws what `parseArgs` throws. Both are the caller's fault.
 */
export function commandLine<const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  mostWords: number,
  options: T,
): CommandLine<T> {
  const line = parseArgs({ args: [...args], allowPositionals: true, options: { ...options, ...HELP } });
  const stray = line.positionals[mostWords];
  const { help } = line.values as { readonly help?: boolean };
  if (stray !== undefined && help !== true)
    throw new LoadstoneError('LS-CONFIG-006', `"${stray}" is no word of this command`);
  return line;
}

/** Writes the help to whoever asked for it, and answers 0; who called the command wrongly reads it as an error, and gets 2. */
export function writeHelp(text: string, asked: boolean): 0 | 2 {
  (asked ? process.stdout : process.stderr).write(text);
  return asked ? 0 : 2;
}
