import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Database } from '../telemetry/database.ts';
import { storeFiles } from '../telemetry/testing/store-files.ts';
import { run } from './sql.ts';
import { SqliteSql } from './sqlite-sql.ts';
import { sqlSuite } from './testing/sql-suite.ts';

sqlSuite('SQLite', (make) => storeFiles(make));
sqlSuite('SQLite, kept behind', (make) => storeFiles(make), 'behind');

const NOTES = { name: 'notes', migrations: ['CREATE TABLE note (text TEXT NOT NULL)'] };

for (const durability of ['now', 'behind'] as const)
  test(`only a full disk is LS-STORE-001, with the name of the file: durable ${durability}`, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'loadstone-sql-'));
    const path = join(folder, 'state.sqlite');
    const database = new Database(path);
    const sql = new SqliteSql(database, NOTES, durability);
    context.after(() => {
      sql.close();
      rmSync(folder, { recursive: true });
    });
    database.open(NOTES, durability === 'now').exec('PRAGMA max_page_count = 1');
    const long = 'x'.repeat(100_000);
    const full = { code: 'LS-STORE-001', message: `${path}: database or disk is full` };
    await assert.rejects(sql.run('INSERT INTO note VALUES (?)', long), full);
    const insert = () => run('INSERT INTO note VALUES (?)', long);
    await assert.rejects(sql.transaction(insert), full);
    await assert.rejects(sql.rows('INSERT INTO note VALUES (?) RETURNING text', long), full);
    await assert.rejects(sql.run('INSERT INTO note VALUES (?)', null), { code: 'ERR_SQLITE_ERROR' });
    assert.equal(await sql.run('INSERT INTO note VALUES (?)', 'short'), 1);
  });
