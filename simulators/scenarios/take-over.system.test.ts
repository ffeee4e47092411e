import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SqlitePeopleStore } from '../../cloud/access/sqlite-people-store.ts';
import { Database } from '../../cloud/telemetry/database.ts';
import { dataFiles } from '../../cloud/telemetry/data-files.ts';
import { userVersion } from '../../cloud/telemetry/sqlite.ts';

const CHILD = join(import.meta.dirname, 'testing', 'open-folder.child.ts');
const ROUNDS = 5;
const root = mkdtempSync(join(tmpdir(), 'loadstone-take-over-'));
const recorded = join(root, 'cloud');
const names = (): string[] =>
  globSync('*.sqlite', { cwd: recorded })
    .map((file) => basename(file, '.sqlite'))
    .filter((name) => name !== 'telemetry')
    .toSorted();
let folders = 0;
const copied = (): string => {
  const folder = join(root, `copy-${folders++}`);
  cpSync(recorded, folder, { recursive: true });
  return folder;
};

type Tables = Readonly<Record<string, unknown>>;

/** All rows of all tables, except the records of the migration itself. */
function tablesOf(file: string): Tables {
  const db = new DatabaseSync(file);
  try {
    const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'store' ORDER BY name`);
    return Object.fromEntries(
      tables.all().map(({ name }) => {
        const statement = db.prepare(`SELECT * FROM "${String(name)}" ORDER BY 1, 2`);
        statement.setReadBigInts(true);
        return [String(name), statement.all()];
      }),
    );
  } finally {
    db.close();
  }
}

/** Opens the stores of a folder in a process of its own, killed after `killedAfter` ms if given. Returns the elapsed time, ms. */
async function open(folder: string, killedAfter?: number): Promise<number> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  const began = performance.now();
  if (killedAfter !== undefined) {
    await sleep(killedAfter);
    child.kill('SIGKILL');
  }
  const [code, signal] = (await ended) as [number | null, string | null];
  assert.ok(code === 0 || (killedAfter !== undefined && signal === 'SIGKILL'), `exited with ${code ?? signal}`);
  return performance.now() - began;
}

const contentOf = (folder: string): readonly Tables[] =>
  ['state', 'planner'].map((name) => tablesOf(join(folder, `${name}.sqlite`)));

describe('a folder with one file per store', () => {
  before(() => {
    execFileSync('tar', ['-xzf', join(import.meta.dirname, 'v0.1.0', 'folder.tar.gz'), '-C', root, './cloud']);
  });
  after(() => rmSync(root, { recursive: true }));

  test('every row of every table is migrated unchanged', () => {
    assert.equal(names().length, 21, names().join(' '));
    const [before, folder] = [copied(), copied()];
    for (const name of names()) {
      const old = new DatabaseSync(join(before, `${name}.sqlite`));
      const version = userVersion(old);
      old.close();
      const database = new Database(join(folder, `all-of-${name}.sqlite`), folder);
      // Empty migration steps, so that the tables hold exactly what was copied.
      database.open({ name, migrations: Array.from({ length: version }, () => '') }, true);
      database.close();
      assert.deepEqual(tablesOf(join(folder, `all-of-${name}.sqlite`)), tablesOf(join(before, `${name}.sqlite`)), name);
      assert.ok(!existsSync(join(folder, `${name}.sqlite`)) && existsSync(join(folder, `${name}.sqlite.taken`)), name);
    }
  });

  test('kill -9 at any point loses nothing, and the next start continues', async () => {
    const whole = copied();
    const took = await open(whole);
    const expected = contentOf(whole);
    let cut = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const folder = copied();
      // Two kills at points that vary from round to round, then a complete run.
      await open(folder, (took * (round + Math.random())) / ROUNDS);
      if (names().some((name) => existsSync(join(folder, `${name}.sqlite`)))) cut++;
      await open(folder, (took * Math.random()) / 2);
      await open(folder);
      assert.deepEqual(contentOf(folder), expected);
      assert.deepEqual(
        names().filter((name) => !existsSync(join(folder, `${name}.sqlite.taken`))),
        [],
      );
    }
    assert.ok(cut > 0, 'some kills came before the end');
  });

  test('after a kill between commit and rename, the file is renamed and not migrated twice', async () => {
    const folder = copied();
    await open(folder);
    const expected = contentOf(folder);
    for (const name of names()) {
      rmSync(join(folder, `${name}.sqlite.taken`));
      for (const end of ['', '-wal'])
        if (existsSync(join(recorded, `${name}.sqlite${end}`)))
          copyFileSync(join(recorded, `${name}.sqlite${end}`), join(folder, `${name}.sqlite${end}`));
    }
    await open(folder);
    assert.deepEqual(contentOf(folder), expected);
    assert.deepEqual(tablesOf(join(folder, 'people.sqlite.taken')), tablesOf(join(copied(), 'people.sqlite')));
  });

  test('a file that an older version made afterwards is refused and kept', async () => {
    const folder = copied();
    await open(folder);
    copyFileSync(join(recorded, 'people.sqlite'), join(folder, 'people.sqlite'));
    const again = new SqlitePeopleStore(dataFiles(folder).state);
    assert.throws(() => again.open(), { code: 'LS-DATA-003', message: /an older version has run in this folder/ });
    assert.ok(existsSync(join(folder, 'people.sqlite')));
    rmSync(join(folder, 'people.sqlite'));
    again.open();
    assert.ok((await again.load(0)).users.length > 0);
    again.close();
  });

  test('an unreadable file is named and kept', () => {
    const folder = copied();
    writeFileSync(join(folder, 'people.sqlite'), 'of something else');
    rmSync(join(folder, 'people.sqlite-wal'));
    const people = new SqlitePeopleStore(dataFiles(folder).state);
    assert.throws(() => people.open(), { code: 'LS-DATA-003', message: /people\.sqlite: file is not a database/ });
    assert.ok(existsSync(join(folder, 'people.sqlite')));
  });
});
