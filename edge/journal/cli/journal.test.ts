import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { NodeDisk } from '../node-disk.ts';
import { openJournal } from '../testing/bench-journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadstone-journal-'));
after(() => rmSync(folder, { recursive: true }));
const cli = new URL('../../../deploy/cli.ts', import.meta.url).pathname;

function journal(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'journal', ...args], { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

test('journal inspect, verify and export show the content, and damage fails verify', async () => {
  const bench = await openJournal(new NodeDisk(folder), { run: 5 });
  await bench.write('{"a":1}', '{"a":2}', '{"a":3}');
  bench.journal.acknowledge('measurements', 5, 1, []);
  await bench.journal.close();

  const inspected = journal('inspect', folder);
  assert.equal(inspected.status, 0);
  assert.match(inspected.out, /measurements\/0000000000000000-00000005\.seg +3 +0\.\.2 +129 +clean/);
  assert.match(inspected.out, /measurements: 3 records, 2 acknowledged, 0 reported/);
  assert.equal(journal('verify', folder).status, 0);
  const lines = journal('export', folder).out.trim().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)).map(({ offset, run, payload }) => [run, offset, payload]),
    [
      [5, 0, { a: 1 }],
      [5, 1, { a: 2 }],
      [5, 2, { a: 3 }],
    ],
  );

  const segment = join(folder, 'measurements', readdirSync(join(folder, 'measurements'))[0]!);
  const bytes = readFileSync(segment);
  bytes[100]! ^= 1;
  writeFileSync(segment, bytes);
  const verified = journal('verify', folder, '--json');
  assert.equal(verified.status, 1);
  const report = JSON.parse(verified.out) as { faults: string[] };
  assert.equal(
    report.faults.some((fault) => fault.includes('is damaged')),
    true,
  );
  const exported = journal('export', folder);
  assert.equal(exported.status, 1);
  assert.match(exported.err, /is damaged/);
  assert.deepEqual(readFileSync(segment), bytes, 'reading changes nothing');
});

test('journal usage errors exit with 2', () => {
  assert.equal(journal('--help').status, 0);
  assert.match(journal('--help').out, /exit codes/);
  assert.equal(journal('mend', folder).status, 2);
  assert.match(journal('mend', folder).err, /inspect, verify or export/);
  assert.equal(journal('inspect').status, 2);
  assert.equal(journal('inspect', folder, '--wrong').status, 2);
  assert.equal(journal('inspect', join(folder, 'absent')).status, 1);
  assert.equal(journal('inspect', join(folder, 'measurements')).status, 1);
});
