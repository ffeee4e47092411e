import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const launcher = join(import.meta.dirname, '..', '..', '..', 'deploy', 'loadstone.mjs');

/** Runs the command as a user would; resolves with its exit code and output. */
export function simulate(...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [launcher, 'simulate', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve({ code, out }));
  });
}

/** Runs `count` seeds from `first` on; fails with the replay command of the first violation. */
export async function holdsFor(count: number, first: number): Promise<void> {
  const { code, out } = await simulate('--seeds', String(count), '--first-seed', String(first));
  assert.equal(out.trimEnd().split('\n').at(-1), `${count} seeds, 0 violations`, out);
  assert.equal(code, 0);
}
