import { mock } from 'node:test';
import { exitCodeOf, type CommandTable } from '../run-cli.ts';

/** Exit code and output of a command, like those of a process. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Both outputs, in order. */
  readonly said: string;
}

/** Runs a command line in this process. A process of its own would spend up to a second of CPU on loading the same modules. */
export async function runHere(commands: CommandTable, ...args: string[]): Promise<Ran> {
  const text = { out: '', err: '', said: '' };
  const into =
    (stream: 'out' | 'err') =>
    (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
      const part = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      text[stream] += part;
      text.said += part;
      const written = more.at(-1);
      if (typeof written === 'function') process.nextTick(written);
      return true;
    };
  const writes = [mock.method(process.stdout, 'write', into('out')), mock.method(process.stderr, 'write', into('err'))];
  try {
    return { code: await exitCodeOf('loadstone', commands, args), ...text };
  } finally {
    for (const write of writes) write.mock.restore();
  }
}
