import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const UNIT = 'loadstone-edge';

export interface ServiceLog {
  /** How far back, ms. */
  readonly sinceMs: number;
  /** Most lines; the newest are kept. */
  readonly lines: number;
  /** Continues until the process is stopped. */
  readonly follow?: boolean;
}

/** The daemon's lines in the service manager's log, oldest first; throws with the reason if there is none. */
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
