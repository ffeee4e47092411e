import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const CHILD = join(import.meta.dirname, 'testing', 'opens-probe.child.ts');

test('ONNX Runtime writes no id of the machine and no telemetry', async () => {
  const home = mkdtempSync(join(tmpdir(), 'loadstone-home-'));
  try {
    const args = ['--disable-warning=ExperimentalWarning', CHILD];
    // The library also keeps silent where it finds CI.
    const child = spawn(process.execPath, args, {
      env: { HOME: home, TMPDIR: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 0, said);
    assert.deepEqual(readdirSync(home, { recursive: true }), []);
    assert.equal(existsSync(`/tmp/mat-debug-${child.pid}.log`), false);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
