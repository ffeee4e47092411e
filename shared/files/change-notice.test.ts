import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../testing/until.ts';
import { ChangeNotice } from './change-notice.ts';

test('a file that is written, replaced or removed is reported, and an unchanged one is not', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-notice-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'users');
  const notice = new ChangeNotice(file);
  t.after(() => notice.stop());
  assert.equal(notice.take() && notice.take(), true, 'a missing file cannot be watched');
  writeFileSync(file, 'one');
  assert.deepEqual([notice.take(), notice.take(), notice.take()], [true, false, false]);
  const noticed = async (): Promise<void> => void (await until('a notice', () => (notice.take() ? true : undefined)));
  appendFileSync(file, 'two');
  await noticed();
  writeFileSync(`${file}.part`, 'three');
  renameSync(`${file}.part`, file);
  await noticed();
  // A late event of the kernel for the previous change is reported at most once.
  await until('it is quiet', () => (notice.take() ? undefined : true));
  rmSync(file);
  await noticed();
});
