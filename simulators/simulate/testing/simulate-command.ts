import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const launcher = join(import.meta.dirname, '..', '..', '..', 'deploy', 'loadstone.mjs');

/** The command as a person calls it; resolves with its exit code and what it printed. */
export function simulate(...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [launcher, 'simulate', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve({ code, out }));
  });
}

/** Runs `count` seeds from `first` on; fails with the command that replays the first one that shows a violation. */
export async function holdsFor(count: number, first: number): Promise<void> {
  const { code, out } = await simulate('--seeds', String(count), '--first-seed', String(first));
  assert.equal(out.trimEnd().split('\n').at(-1), `${count} seeds, 0 violations`, out);
  assert.equal(code, 0);
}
