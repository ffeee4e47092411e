import { appendFileSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** Preloaded into a process (`--import`): writes each statement that any of its threads prepares to a file, one JSON text a line. */
const file = process.env['STATEMENTS']!;
const prepare = Reflect.get(DatabaseSync.prototype, 'prepare') as (sql: string, ...more: unknown[]) => StatementSync;
const noted = new Set<string>();
DatabaseSync.prototype.prepare = function (sql, ...more) {
  if (!noted.has(sql)) appendFileSync(file, `${JSON.stringify(sql)}\n`);
  noted.add(sql);
  return prepare.call(this, sql, ...more);
};
