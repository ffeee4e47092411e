import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { makeKeys, readList } from './key-files.ts';

const ROUNDS = 200;
const urlOf = (path: string): string => pathToFileURL(join(import.meta.dirname, path)).href;
const MODULE = urlOf('key-files.ts');
const LIST = urlOf('../../shared/pki/key-list.ts');
const OUTCOME = urlOf('../../shared/outcome/outcome.ts');
const FILES = urlOf('../../shared/files/private-files.ts');

test('the cloud and the command line activate the same list at the same time', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'loadstone-key-files-'));
  t.after(() => rmSync(data, { recursive: true }));
  await makeKeys(data, { root: '', now: 1 });
  const script = `
    import { readFileSync } from 'node:fs';
    import { writePrivate } from ${JSON.stringify(FILES)};
    import { keyFiles, readList, settle } from ${JSON.stringify(MODULE)};
    import { readListUnverified } from ${JSON.stringify(LIST)};
    import { unwrap } from ${JSON.stringify(OUTCOME)};
    const data = ${JSON.stringify(data)};
    const list = unwrap(readListUnverified(readList(data)));
    const { role, next } = keyFiles(data);
    for (let round = 0; round < ${ROUNDS}; round++) {
      if (process.argv[1] === 'makes') writePrivate(next('online'), readFileSync(role('online'), 'utf8'));
      settle(data, list);
    }`;
  const run = async (name: string): Promise<string> => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script, name],
      {
        stdio: ['ignore', 'inherit', 'pipe'],
      },
    );
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (said += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return `${code} ${said}`;
  };
  assert.deepEqual(await Promise.all([run('makes'), run('other'), run('third')]), ['0 ', '0 ', '0 ']);
  const pinned = JSON.parse(readFileSync(join(data, 'trusted-keys.json'), 'utf8')) as { list: string };
  assert.equal(pinned.list, readList(data));
});
