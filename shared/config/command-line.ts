import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

const HELP = { help: { type: 'boolean', short: 'h', default: false } } as const;

type CommandLine<T extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: T & typeof HELP; allowPositionals: true }>
>;

/** The words of a command by its options; each has `--help` beside them. Throws what `parseArgs` throws: the caller's fault. */
export function commandLine<const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
): CommandLine<T> {
  return parseArgs({ args: [...args], allowPositionals: true, options: { ...options, ...HELP } });
}

/** Writes the help to whoever asked for it, and answers 0; who called the command wrongly reads it as an error, and gets 2. */
export function writeHelp(text: string, asked: boolean): 0 | 2 {
  (asked ? process.stdout : process.stderr).write(text);
  return asked ? 0 : 2;
}
