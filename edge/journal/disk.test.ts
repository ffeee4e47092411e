import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SimDisk } from '../../simulators/sim/sim-disk.ts';
import { NodeDisk } from './node-disk.ts';
import { diskSuite } from './testing/disk-suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadstone-disk-'));
after(() => rmSync(folder, { recursive: true }));
let count = 0;

diskSuite('node disk', () => new NodeDisk(join(folder, String(count++))));
diskSuite('simulated disk', () => new SimDisk());

test('nothing in place of a temporary file blocks a write or is written through', async () => {
  const root = join(folder, 'blocked');
  mkdirSync(join(root, 'journal.json.tmp', 'below'), { recursive: true });
  symlinkSync(join(root, 'elsewhere'), join(root, 'state.json.tmp'));
  const disk = new NodeDisk(root);
  for (const path of ['journal.json', 'state.json']) {
    await disk.replace(path, Uint8Array.of(7));
    assert.deepEqual([...(await disk.read(path))!], [7], path);
  }
  assert.ok(!existsSync(join(root, 'elsewhere')));
});
