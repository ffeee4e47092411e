import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readStandings } from './standing.ts';

const PROCESSES = 4;
const EACH = 50;

test('concurrent revocations by several processes are all stored', async (context) => {
  const data = mkdtempSync(join(tmpdir(), 'loadstone-standing-'));
  context.after(() => rmSync(data, { recursive: true }));
  const children = Array.from({ length: PROCESSES }, (_, child) => {
    const source = `import { revoke } from ${JSON.stringify(join(import.meta.dirname, 'standing.ts'))};
      for (let n = 0; n < ${EACH}; n++) revoke(${JSON.stringify(data)}, 'gateway-${child}-' + n, () => 1000);`;
    return spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], { stdio: 'inherit' });
  });
  const codes = await Promise.all(children.map((child) => once(child, 'exit').then(([code]) => code as number)));
  assert.deepEqual(codes, Array(PROCESSES).fill(0));
  assert.equal(Object.keys(readStandings(data)).length, PROCESSES * EACH);
});
