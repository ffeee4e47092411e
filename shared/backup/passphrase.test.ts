import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { passphraseFrom } from './passphrase.ts';

test('a passphrase is the first line of its file, whatever the encoding and line ending', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-passphrase-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'passphrase');
  const phrase = 'twelve letters and ü';
  for (const text of [phrase, `${phrase}\n`, `${phrase}\r\n`, `\uFEFF${phrase}\r\n`, `${phrase}\nsecond line\n`]) {
    writeFileSync(file, text);
    assert.equal(await passphraseFrom(file, false), phrase, JSON.stringify(text));
  }
  writeFileSync(file, '\nbehind an empty line\n');
  await assert.rejects(passphraseFrom(file, false), { code: 'LS-CONFIG-002' });
});
