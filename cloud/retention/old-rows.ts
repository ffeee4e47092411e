import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { run } from '../sql/sql.ts';
import { forgottenBefore, type DataKind, type OldRows as Rule } from './kinds.ts';

/** Small, because the main thread has other work too. */
const AT_ONCE = 100;

/** Deletes old rows of any store of a database. A power cut may bring some back; they are deleted again. */
export class OldRows extends SqlStore {
  constructor(at: SqlPlace) {
    super({ at, name: 'retention', migrations: [], what: 'the pruner', durability: 'some time' });
  }

  /** Deletes a few rows of a kind that are too old or too many; returns how many. */
  async prune(kind: DataKind, now: number): Promise<number> {
    let forgotten = 0;
    for (const rule of kind.rows ?? []) {
      const values = [forgottenBefore(kind, now), ...(kind.most === null ? [] : [kind.most])];
      if (values[0] === -Infinity) values[0] = Number.MIN_SAFE_INTEGER;
      const [rows, ...others] = forgetting(rule, kind.most !== null);
      forgotten += await this.sql.transaction(function* () {
        for (const sql of others) yield* run(sql, ...values);
        return yield* run(rows, ...values);
      });
    }
    return forgotten;
  }
}

/** The statement that deletes, then those that must run before it. Each looks at the first rows alone, however large the table is. */
export function forgetting(rule: Rule, bounded: boolean): readonly [string, ...string[]] {
  const { table, key, column, by, only, atOnce = AT_ONCE } = rule;
  const first =
    by === 'key'
      ? `SELECT * FROM ${table} WHERE ${key} > 0 AND ${column} IS NOT NULL ${only === undefined ? '' : `AND ${only}`} ORDER BY ${key} LIMIT ${atOnce}`
      : `SELECT ${key}, ${column} FROM ${table} WHERE ${column} > 0 ORDER BY ${column} LIMIT ${atOnce}`;
  const newest = `SELECT ${column} FROM ${table} WHERE ${column} > 0 ORDER BY ${column} DESC LIMIT 1 OFFSET ?2`;
  const beyond = by === 'key' ? `${key} <= (SELECT max(${key}) FROM ${table}) - ?2` : `${column} <= (${newest})`;
  const tooMany = bounded ? ` OR ${beyond}` : '';
  const old = (what: string): string => `SELECT ${what} FROM (${first}) AS oldest WHERE ${column} < ?1${tooMany}`;
  const rows = `DELETE FROM ${table} WHERE ${key} IN (${old(key)})`;
  if (rule.with === undefined) return [rows];
  return [rows, `DELETE FROM ${rule.with.table} WHERE ${rule.with.column} IN (${old(rule.with.of)})`];
}
