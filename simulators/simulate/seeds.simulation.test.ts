import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const SEEDS = 1000;
const MINUTE_MS = 60_000;
const root = join(import.meta.dirname, '..', '..');

/** The command as a person calls it; resolves with its exit code and what it printed. */
function simulate(...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [join(root, 'deploy', 'loadstone.mjs'), 'simulate', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve({ code, out }));
  });
}

test(`${SEEDS} seeds of faults: what must always hold holds`, { timeout: 50 * MINUTE_MS }, async () => {
  const { code, out } = await simulate('--seeds', String(SEEDS));
  assert.equal(out.trimEnd().split('\n').at(-1), `${SEEDS} seeds, 0 violations`, out);
  assert.equal(code, 0);
});

test('a seed is the same run twice', async () => {
  const { runSeed } = await import('./run-seed.ts');
  const { smallWorld } = await import('./world.ts');
  const world = smallWorld();
  const first = await runSeed(7, world, () => undefined);
  const second = await runSeed(7, world, () => undefined);
  assert.notEqual(first.digest, '');
  assert.deepEqual(second, first);
});

test('what is no number of seeds is said, and a trace follows one seed', async () => {
  assert.equal((await simulate('--seeds', 'many')).code, 2);
  assert.equal((await simulate('--seeds', '2', '--trace', 'run.txt')).code, 2);
});
