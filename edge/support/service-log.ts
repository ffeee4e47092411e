import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const UNIT = 'loadstone-edge';

export interface ServiceLog {
  /** How far back, ms. */
  readonly sinceMs: number;
  /** The newest lines at most. */
  readonly lines: number;
  /** Goes on until the process is stopped. */
  readonly follow?: boolean;
}

/** The lines that the service manager keeps of the daemon, oldest first; throws where it keeps none, with the reason. */
export async function* serviceLog({ sinceMs, lines, follow = false }: ServiceLog): AsyncGenerator<string> {
  const since = `-${Math.ceil(sinceMs / 1000)}s`;
  const asked = [
    '--unit',
    UNIT,
    '--output',
    'cat',
    '--no-pager',
    '--quiet',
    '--since',
    since,
    '--lines',
    String(lines),
  ];
  const child = spawn('journalctl', [...asked, ...(follow ? ['--follow'] : [])], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(0, 500)));
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(`journalctl cannot be run: ${error.message}`));
    child.once('close', (code) => resolve(code === 0 ? undefined : `journalctl: ${said.trim() || `exit ${code}`}`));
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) yield line;
    const fault = await ended;
    if (fault !== undefined) throw new Error(fault);
  } finally {
    child.kill();
  }
}
