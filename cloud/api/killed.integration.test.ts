import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEntry } from '../audit/audit-entry.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadstone-killed-'));
after(() => rmSync(folder, { recursive: true }));

async function start() {
  const file = join(import.meta.dirname, 'testing', 'sign-in-server.child.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const signIn = async (password: string): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${String(line).trim()}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'anna', password }),
    });
    const { code } = (await answer.json()) as { readonly code?: string };
    return code ?? 'in';
  };
  const kill = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return { signIn, kill };
}

test('after kill -9 a locked name stays locked and the audit lists every attempt', async () => {
  const first = await start();
  const codes: string[] = [];
  for (let n = 0; n < 8; n++) {
    codes.push(await first.signIn('a guess'));
    // An address may try five times a second.
    await sleep(250);
  }
  assert.deepEqual(codes, [...Array.from({ length: 5 }, () => 'LS-API-002'), 'LS-API-008', 'LS-API-008', 'LS-API-008']);
  await first.kill();
  const second = await start();
  assert.equal(await second.signIn('four blue lamps'), 'LS-API-008', 'the right password does not unlock the name');
  await second.kill();
  const third = await start();
  await third.kill();
  const entries = readFileSync(join(folder, 'audit.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEntry)
    .filter(({ what }) => what === 'POST /v1/session');
  const counted = entries.reduce((sum, { to }) => sum + ((to as { attempts?: number }).attempts ?? 1), 0);
  assert.equal(counted, 9, 'eight and the one after the start');
  assert.ok(
    entries.some(({ why }) => why?.startsWith('3 further failed attempts for account anna from 127.0.0.1') === true),
  );
});
