import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { dataKinds, kindOf } from '../kinds.ts';

const FILES = ['state.sqlite', 'planner.sqlite', 'telemetry.sqlite'];

/** Tables that may be read whole, and why: each stays small or is read only once. */
const SMALL: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['people and places', 'alarms', 'messages of alarms']
      .map(kindOf)
      .flatMap(({ tables, keeps }) => tables.map((table) => [table, keeps])),
  ),
  export: 'exports of one day',
  federated: 'one row',
  webhook: 'a bounded number per planner',
  drift: 'a row per target',
  promotion: 'promotions waiting for a second person',
  series: 'a row per metric of a device',
  fresh: 'points of the last minutes',
  rolled: 'a row per series',
  epoch: 'a row per gateway',
  sequence: 'a row per gateway',
};

/** Statements that read a growing table, and why the cost does not recur. */
const ALLOWED: Readonly<Record<string, string>> = {
  'SELECT count(*) AS n FROM event':
    'the first scrape, and the first after a failed write: the log counts on from there',
  'SELECT * FROM event WHERE kind = ? ORDER BY id DESC LIMIT ?': 'the first start, before alarms are kept',
  'SELECT * FROM run ORDER BY id': 'the start: the ledger is held in memory',
  'SELECT * FROM archive ORDER BY gateway, first, time_from': 'the start: the ledger is held in memory',
  'SELECT * FROM folded ORDER BY gateway, stream, state, code': 'the start: the ledger is held in memory',
  'UPDATE answer SET status = ?, headers = ?, body = ? WHERE status IS NULL': 'the start; answers of a day',
};
/** How `/v1/models` and the start read the registry: a row for each model of half a year. */
const MODELS = /^SELECT manifest, role, .* FROM model ORDER BY number DESC$/;
/** The first rows of a table in its own order or that of an index: nothing is sorted. */
const NEWEST = /^SELECT \S+ FROM \w+ ORDER BY \w+( DESC)? LIMIT \?$/;

/** Rows in the order of their key, of which a condition leaves some out: what it leaves out is read each time, however much it is. */
const PASSES_BY = /\b\w+ > 0 AND \w+ IS NOT NULL AND (.+?) ORDER BY/;
const IN_ORDER = /^SEARCH (\w+) USING INTEGER PRIMARY KEY \(rowid>\?\)/;
/** Conditions that leave out few rows, and why. */
const LEAVES_FEW: Readonly<Record<string, string>> = {
  "state <> 'waiting'": 'a waiting approval lapses',
};

/** The statements that read a whole table that grows. A partial index (`WHERE`) may be read whole. Throws if no file knows a statement. */
export function walksOf(statements: Iterable<string>, folder: string): string[] {
  const files = FILES.map((name) => new DatabaseSync(join(folder, name), { readOnly: true }));
  const growing = dataKinds.flatMap(({ tables }) => tables).filter((table) => !(table in SMALL));
  const scan = new RegExp(`^SCAN (?:${growing.join('|')}|later)\\b(?:.* INDEX (\\w+))?`);
  try {
    return [...statements].flatMap((statement) => {
      const sql = statement.replaceAll(/\s+/g, ' ').trim();
      if (!/^(?:SELECT|WITH|INSERT|UPDATE|DELETE)\b/.test(sql)) return [];
      if (/\b(?:sqlite_schema|dbstat)\b/.test(sql) || sql in ALLOWED || MODELS.test(sql)) return [];
      for (const file of files) {
        const plan = planOf(file, sql);
        if (plan === undefined) continue;
        if (NEWEST.test(sql) && !plan.some((step) => step.startsWith('USE TEMP B-TREE'))) return [];
        const walks = plan.filter((step) => {
          const found = scan.exec(step);
          const [, condition] = PASSES_BY.exec(sql) ?? [];
          const passes = condition !== undefined && !(condition in LEAVES_FEW);
          if (passes && growing.includes(IN_ORDER.exec(step)?.[1] ?? '')) return true;
          return found !== null && !isOfFew(file, found[1]);
        });
        return walks.map((step) => `${step}: ${sql}`);
      }
      throw new Error(`no file knows this: ${sql}`);
    });
  } finally {
    for (const file of files) file.close();
  }
}

function planOf(file: DatabaseSync, sql: string): string[] | undefined {
  try {
    return file
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail));
  } catch {
    return undefined;
  }
}

function isOfFew(file: DatabaseSync, index: string | undefined): boolean {
  if (index === undefined) return false;
  const row = file.prepare("SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?").get(index);
  return / WHERE /.test(String(row?.['sql'] ?? ''));
}
