import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import { SqlStore, type SqlPlace } from '../sql-store.ts';
import { first, rows, run, runEach, type Durability, type Sql, type SqlValue } from '../sql.ts';

const steps = [
  `CREATE TABLE note (
     id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, size REAL, bytes BLOB, seen INTEGER NOT NULL DEFAULT 0
   )`,
  "ALTER TABLE note ADD COLUMN tag TEXT NOT NULL DEFAULT 'none'",
];

/** A store whose statements a test writes itself. `count`: how many steps of its schema it knows. */
export class NoteStore extends SqlStore {
  constructor(at: SqlPlace, count = 1, durability: Durability = 'now') {
    super({ at, name: 'notes', migrations: steps.slice(0, count), what: 'the store of notes', durability });
  }

  get of(): Sql {
    return this.sql;
  }
}

const ADD = 'INSERT INTO note (name, size, bytes, seen) VALUES (?, ?, ?, ?) RETURNING id';
const note = (name: string, size: number | null = null, bytes: Uint8Array | null = null, seen = 0): SqlValue[] => [
  name,
  size,
  bytes,
  seen,
];
const names = async (sql: Sql): Promise<unknown[]> =>
  (await sql.rows('SELECT name FROM note ORDER BY id')).map(({ name }) => name);

/** What both databases guarantee below the stores. `open` gives a store without notes. */
export function sqlSuite(
  name: string,
  open: (make: (at: SqlPlace) => NoteStore) => () => Promise<Opened<NoteStore>>,
  durability: Durability = 'now',
): void {
  const opened = open((at) => new NoteStore(at, 1, durability));

  test(`${name}: values are read as they were stored`, async () => {
    const { store } = await opened();
    const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
    const cases = [
      note("it's ? $1 \\ 🌍", 0.1, bytes, Number.MAX_SAFE_INTEGER),
      note('', null, new Uint8Array(0), -1),
      note('a', 1e300, null, 0),
    ];
    for (const each of cases) await store.of.run(ADD, ...each);
    const found = await store.of.rows('SELECT name, size, bytes, seen FROM note ORDER BY id');
    assert.deepEqual(
      found.map(({ name: text, size, bytes: blob, seen }) => [text, size, blob, seen]),
      cases,
    );
  });

  test(`${name}: a flag is 0 or 1, counts and sums are numbers, and a placeholder may be repeated`, async () => {
    const { store } = await opened();
    for (const each of [note('a', 1), note('b', 2)]) await store.of.run(ADD, ...each);
    const sql = `SELECT count(*) AS n, sum(seen) AS seen, sum(size) AS size, max(size) > ?1 AS above, ?1 < 5 AS below FROM note`;
    const [row] = await store.of.rows(sql, 7);
    assert.deepEqual({ ...row }, { n: 2, seen: 0, size: 3, above: 0, below: 0 });
  });

  test(`${name}: texts are sorted by their bytes`, async () => {
    const { store } = await opened();
    for (const each of ['b', 'B', 'a-b', 'ab', 'é', '_']) await store.of.run(ADD, ...note(each));
    const sorted = await store.of.rows('SELECT name FROM note ORDER BY name');
    assert.deepEqual(
      sorted.map(({ name: text }) => text),
      ['B', '_', 'a-b', 'ab', 'b', 'é'],
    );
  });

  test(`${name}: concurrent statements run in the order of their calls`, async () => {
    const { store } = await opened();
    const many = Array.from({ length: 20 }, (_, n) => `n${n}`);
    const all = many.map((each) => store.of.run(ADD, ...note(each)));
    const seen = names(store.of);
    await Promise.all(all);
    assert.deepEqual(await seen, many);
  });

  test(`${name}: steps of a transaction see each other, and all or none are committed`, async () => {
    const { store, again } = await opened();
    const ids = await store.of.transaction(function* () {
      const one = yield* first(ADD, ...note('one'));
      const known = yield* rows('SELECT id FROM note');
      const changed = yield* run('UPDATE note SET seen = 1');
      const added = yield* runEach('INSERT INTO note (name) VALUES (?)', [['x'], ['y']]);
      yield* run("DELETE FROM note WHERE name IN ('x', 'y')");
      return [Number(one!['id']), known.length, changed, added];
    });
    assert.deepEqual(ids, [1, 1, 1, 2]);
    const failed = store.of.transaction(function* () {
      yield* run(ADD, ...note('two'));
      yield* run(ADD, ...note('one'));
    });
    const thrown = store.of.transaction(function* () {
      yield* run(ADD, ...note('three'));
      throw new RangeError('its own');
    });
    const next = store.of.run(ADD, ...note('four'));
    await assert.rejects(failed);
    await assert.rejects(thrown, { name: 'RangeError', message: 'its own' });
    await next;
    assert.deepEqual(await names((await again()).of), ['one', 'four']);
  });

  test(`${name}: writes without a waiter are stored by the close of a store, and visible to later reads`, async () => {
    const { store, again } = await opened();
    void store.of.run(ADD, ...note('a'));
    assert.deepEqual(await names(store.of), ['a']);
    const many = Array.from({ length: 250 }, (_, n) => `n${n}`);
    for (const each of many) void store.of.run(ADD, ...note(each));
    await store.synced();
    assert.deepEqual(await names((await again()).of), ['a', ...many]);
  });

  test(`${name}: a store that is not open is an error`, async () => {
    const { store } = await opened();
    store.close();
    assert.throws(() => store.of, { code: 'LS-STORE-001', message: 'the store of notes is not open' });
  });
}
