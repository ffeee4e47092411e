import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { parseConfig } from '../config/load.ts';
import { assertOwnJournal, placeOf, putAllBack, putBack, readContents } from './files.ts';

test('restore does not follow a symlink in place of a file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-back-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [path, elsewhere] = [join(folder, 'state.json'), join(folder, 'elsewhere')];
  symlinkSync(elsewhere, `${path}.${process.pid}.part`);
  putBack(path, { kind: 'state', name: 'state.json', bytes: new TextEncoder().encode('{}') });
  assert.ok(!existsSync(elsewhere));
  assert.ok(lstatSync(path).isFile());
  assert.equal(lstatSync(path).mode & 0o777, 0o600);
  assert.equal(readFileSync(path, 'utf8'), '{}');
});

test(
  'files and folders that root restores on a new computer belong to the service',
  { skip: process.getuid?.() === 0 ? false : 'only root can give files away: run it by sudo' },
  (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'loadstone-back-'));
    t.after(() => rmSync(folder, { recursive: true }));
    chownSync(folder, 4321, 4321);
    const path = join(folder, 'journal', 'documents', 'plan.json');
    putBack(path, { kind: 'state', name: 'documents/plan.json', bytes: new TextEncoder().encode('{}') });
    for (const each of [path, join(folder, 'journal', 'documents'), join(folder, 'journal')])
      assert.deepEqual([statSync(each).uid, statSync(each).gid], [4321, 4321], each);
  },
);

/** The folder of a gateway: a configuration, and files of its journal's folder by name. */
function gateway(t: TestContext, files: Record<string, string>, id = 'owd-01') {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-back-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [configPath, journal] = [join(folder, 'gateway.yaml'), join(folder, 'journal')];
  const yaml = `gateway: { id: ${id}, substation: owd }\njournal: { path: ${journal} }\n`;
  writeFileSync(configPath, yaml);
  const put = (name: string, text: string): void => {
    mkdirSync(join(journal, name, '..'), { recursive: true });
    writeFileSync(join(journal, name), text);
  };
  for (const [name, text] of Object.entries(files)) put(name, text);
  const text = (name: string): string | undefined =>
    existsSync(join(journal, name)) ? readFileSync(join(journal, name), 'utf8') : undefined;
  return { configPath, config: parseConfig(yaml, configPath), put, text, at: (name: string) => join(journal, name) };
}

test('a command that comes while the backup reads is in it with its effect', (t) => {
  const { configPath, config, put, at } = gateway(t, { 'state.json': '8', 'documents/command.json': '8' });
  let hasCome = false;
  const contents = readContents(configPath, config, (path) => {
    if (!hasCome && path === at('documents/command.json')) {
      hasCome = true;
      for (const name of ['documents/command.json', 'state.json']) put(name, '9');
    }
    return readFileSync(path);
  });
  const state = contents
    .filter(({ kind }) => kind === 'state')
    .map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]);
  assert.deepEqual(state, [
    ['state.json', '9'],
    ['documents/command.json', '9'],
  ]);
});

test('a backup leaves out what is being written and what is not of the gateway, and does without a file that goes', (t) => {
  const { configPath, config, at } = gateway(t, {
    'documents/.plan.json.swp': 'an editor',
    'model/00ff.onnx': 'a model',
    'model/11ff.part': 'a part',
    'training/update.json': '{}',
    'training/update.json.tmp': 'half',
  });
  const contents = readContents(configPath, config, (path) => {
    if (path === at('model/00ff.onnx')) rmSync(path, { force: true });
    return readFileSync(path);
  });
  assert.deepEqual(
    contents.map(({ name }) => name),
    ['config', 'training/update.json'],
  );
});

test('files that change with every read make no backup', (t) => {
  const { configPath, config } = gateway(t, {});
  let n = 0;
  assert.throws(() => readContents(configPath, config, () => Uint8Array.of(n++)), { code: 'LS-BACKUP-005' });
});

test('restore leaves no memory of another time or gateway beside the backup, and keeps the journal', (t) => {
  const { configPath, config, put, text } = gateway(t, { 'state.json': 'old', 'documents/plan.json': 'old' });
  const moves = readContents(configPath, config).map((content) => ({
    content,
    path: placeOf(content, configPath, config)!,
  }));
  for (const name of ['state.json', 'documents/plan.json', 'documents/command.json', 'keys.json', 'measurements/0.seg'])
    put(name, 'newer');
  putAllBack(moves, config);
  assert.deepEqual(
    ['state.json', 'documents/plan.json', 'documents/command.json', 'keys.json', 'measurements/0.seg'].map(text),
    ['old', 'old', undefined, undefined, 'newer'],
  );
});

test('restore does not send the records of one gateway as those of another', (t) => {
  const { configPath, config, put } = gateway(t, {}, 'owd-02');
  assertOwnJournal('owd-01', config, configPath);
  put('measurements/0000000000000000-00000001.seg', 'records');
  assertOwnJournal('owd-02', config, configPath);
  assert.throws(() => assertOwnJournal('owd-01', config, configPath), {
    code: 'LS-BACKUP-002',
    message: /journal has records of owd-02, which would be sent as those of owd-01: move the folder away$/,
  });
});
