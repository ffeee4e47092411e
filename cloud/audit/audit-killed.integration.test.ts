import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateSigningKey, publicHalf } from '../../shared/codec/signed-document.ts';
import { archivesIn } from './audit-archive.ts';
import { checkpointFile } from './audit-log.ts';
import { verifyAudit } from './verify-audit.ts';

const ROUNDS = 8;
const child = new URL('./testing/audit-writer.child.ts', import.meta.url).pathname;

test('kill -9 during writing and archiving loses no acknowledged entry', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-killed-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { privateKey } = await generateSigningKey();
  const file = join(folder, 'audit.jsonl');
  const keyFile = join(folder, 'key.json');
  writeFileSync(keyFile, JSON.stringify(privateKey));
  let acknowledged = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const writer = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', child, file, keyFile]);
    const ended = once(writer, 'exit');
    let said = '';
    // Kills after a different number of entries each time: before, during and after a cut.
    writer.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.split('\n').length > 3 + round) writer.kill('SIGKILL');
    });
    await ended;
    assert.doesNotMatch(said, /failed/);
    acknowledged = Number(
      said
        .trimEnd()
        .split('\n')
        .findLast((line) => /^\d+$/.test(line)),
    );
    const { entries, problem } = verifyAudit({
      log: readFileSync(file),
      archives: archivesIn(folder),
      checkpoints: [readFileSync(checkpointFile(file), 'utf8')],
      keys: [publicHalf(privateKey)],
    });
    assert.equal(problem, undefined, `round ${round}`);
    assert.ok(entries >= acknowledged, `${entries} entries, ${acknowledged} acknowledged`);
  }
  const archives = readdirSync(folder).filter((name) => name.endsWith('.gz')).length;
  assert.ok(archives > ROUNDS, `${archives} archives`);
  t.diagnostic(`${acknowledged} acknowledged entries, ${archives} archives, ${ROUNDS} kills`);
});
