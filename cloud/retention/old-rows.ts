import type { SQLInputValue } from 'node:sqlite';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import { forgottenBefore, type DataKind, type OldRows as Rule } from './kinds.ts';

/** The main thread has other work too. */
const AT_ONCE = 100;

/** Forgets rows of the stores of a file, whoever wrote them. A cut of power may bring some back: they go again. */
export class OldRows extends SqliteFile {
  constructor(at: Where) {
    super({ at, name: 'retention', migrations: [], what: 'the pruner', kept: 'some time' });
  }

  /** Forgets a few rows of a kind that are too old or too many; answers how many. */
  prune(kind: DataKind, now: number): number {
    let forgotten = 0;
    for (const rule of kind.rows ?? []) {
      const values: SQLInputValue[] = [forgottenBefore(kind, now), ...(kind.most === null ? [] : [kind.most])];
      if (values[0] === -Infinity) values[0] = Number.MIN_SAFE_INTEGER;
      const [rows, ...others] = forgetting(rule, kind.most !== null);
      forgotten += transaction(this.db, () => {
        for (const sql of others) this.prepared(sql).run(...values);
        return Number(this.prepared(rows).run(...values).changes);
      });
    }
    return forgotten;
  }
}

/** The statement that forgets, behind it what has to go before it. It looks at the first rows alone, however many there are. */
export function forgetting(rule: Rule, bounded: boolean): readonly [string, ...string[]] {
  const { table, key, column, by, only, atOnce = AT_ONCE } = rule;
  const first =
    by === 'key'
      ? `SELECT * FROM ${table} WHERE ${key} > 0 AND ${column} IS NOT NULL ${only === undefined ? '' : `AND ${only}`} ORDER BY ${key} LIMIT ${atOnce}`
      : `SELECT * FROM ${table} WHERE ${column} < ?1 ORDER BY ${column} LIMIT ${atOnce}`;
  const tooMany = bounded ? ` OR ${key} <= (SELECT max(${key}) FROM ${table}) - ?2` : '';
  const old = (what: string): string => `SELECT ${what} FROM (${first}) WHERE ${column} < ?1${tooMany}`;
  const rows = `DELETE FROM ${table} WHERE ${key} IN (${old(key)})`;
  if (rule.with === undefined) return [rows];
  return [rows, `DELETE FROM ${rule.with.table} WHERE ${rule.with.column} IN (${old(rule.with.of)})`];
}
