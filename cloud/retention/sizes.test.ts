import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sizesIn } from './sizes.ts';

const DAY_MS = 86_400_000;
const SERIES = 200_000;

test('growth is computed for a store with very many series, some of them empty', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sizes-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const db = new DatabaseSync(':memory:');
  t.after(() => db.close());
  db.exec(`CREATE TABLE series (id INTEGER PRIMARY KEY);
    CREATE TABLE point (series INTEGER NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (series, time)) WITHOUT ROWID;
    CREATE TABLE rollup (series INTEGER NOT NULL, start INTEGER NOT NULL, PRIMARY KEY (series, start)) WITHOUT ROWID;
    WITH RECURSIVE each (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM each WHERE id < ${SERIES})
      INSERT INTO series SELECT id FROM each;
    INSERT INTO point SELECT id, ${DAY_MS} + id FROM series WHERE id < ${SERIES};
    INSERT INTO point VALUES (7, ${5 * DAY_MS})`);
  const { kinds } = sizesIn(folder, (name) => (name === 'telemetry.sqlite' ? db : undefined));
  const of = (name: string) => kinds.find(({ kind }) => kind.name === name)!;
  const raw = of('raw points');
  assert.equal(raw.bytesPerDay, Math.round((raw.bytes! / (4 * DAY_MS - 1)) * DAY_MS));
  assert.equal(of('roll-ups').bytesPerDay, null, 'nothing there');
});
