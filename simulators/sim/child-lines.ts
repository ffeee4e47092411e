import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ChildLines {
  readonly file: string;
  readonly args: readonly string[];
  /** Further Node arguments. */
  readonly nodeArguments?: readonly string[];
  /** Extra environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Called with each line of its stdout. */
  readonly onLine: (line: string) => void;
}

/** Runs a file in a process of its own. Returns in words how it ended, with its last output on stderr. */
export async function runChild(options: ChildLines): Promise<string> {
  const { file, args, nodeArguments = [], environment = {}, signal, onLine } = options;
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      // A run mostly produces short-lived garbage.
      '--max-semi-space-size=64',
      ...nodeArguments,
      file,
      ...args,
    ],
    { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...environment }, signal },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  const ended = new Promise<number | null>((resolve) => {
    child.on('exit', resolve);
    child.on('error', () => resolve(null));
  });
  for await (const line of createInterface({ input: child.stdout })) onLine(line);
  return `exited with ${(await ended) ?? 'a signal'}\n${said}`;
}

/** Prints a line to the parent. Resolves once it is written: a child that exits earlier cuts a long line off. */
export const tellParent = (value: unknown): Promise<void> =>
  new Promise((resolve) => process.stdout.write(`${JSON.stringify(value)}\n`, () => resolve()));
