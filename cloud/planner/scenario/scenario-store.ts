import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import type { ScenarioBody } from './contract.ts';

const migrations = [
  `CREATE TABLE scenario (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, body TEXT NOT NULL, created_at INTEGER NOT NULL
   );
   CREATE TABLE result (
     id TEXT PRIMARY KEY, scenario TEXT NOT NULL REFERENCES scenario (id), target TEXT NOT NULL, content BLOB NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX result_scenario ON result (scenario)`,
];

export interface Scenario {
  readonly number: number;
  readonly id: string;
  readonly owner: string;
  readonly body: ScenarioBody;
  readonly createdAt: number;
}

/** Scenarios and what came of them. Neither is ever changed; a scenario that was used cannot be deleted. */
export class ScenarioStore extends SqliteFile {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'scenarios', migrations, what: 'the scenario store' });
  }

  add(scenario: Omit<Scenario, 'number'>): void {
    this.db
      .prepare('INSERT INTO scenario (id, owner, body, created_at) VALUES (?, ?, ?, ?)')
      .run(scenario.id, scenario.owner, JSON.stringify(scenario.body), scenario.createdAt);
  }

  get(id: string): Scenario | undefined {
    return scenarioOf(this.db.prepare('SELECT * FROM scenario WHERE id = ?').get(id));
  }

  /** Of one owner, oldest first, with numbers above `after`. */
  list(owner: string, after: number, limit: number): Scenario[] {
    return this.db
      .prepare('SELECT * FROM scenario WHERE owner = ? AND number > ? ORDER BY number LIMIT ?')
      .all(owner, after, limit)
      .map((row) => scenarioOf(row)!);
  }

  /** Deletes a scenario that no forecast was made of; answers whether it did. */
  remove(id: string): boolean {
    const { changes } = this.db
      .prepare('DELETE FROM scenario WHERE id = ? AND NOT EXISTS (SELECT 1 FROM result WHERE scenario = ?)')
      .run(id, id);
    return Number(changes) > 0;
  }

  putResult(result: {
    readonly id: string;
    readonly scenario: string;
    readonly target: string;
    readonly content: unknown;
  }): void {
    this.db
      .prepare('INSERT OR IGNORE INTO result VALUES (?, ?, ?, ?)')
      .run(result.id, result.scenario, result.target, deflateRawSync(JSON.stringify(result.content)));
  }

  /** The text of a result as JSON, and the scenario that it is of. */
  result(id: string): { readonly scenario: string; readonly target: string; readonly json: string } | undefined {
    const row = this.db.prepare('SELECT * FROM result WHERE id = ?').get(id);
    if (row === undefined) return undefined;
    return {
      scenario: row['scenario'] as string,
      target: row['target'] as string,
      json: inflateRawSync(row['content'] as Uint8Array).toString('utf8'),
    };
  }
}

function scenarioOf(row: Record<string, unknown> | undefined): Scenario | undefined {
  if (row === undefined) return undefined;
  return {
    number: Number(row['number']),
    id: row['id'] as string,
    owner: row['owner'] as string,
    body: JSON.parse(row['body'] as string) as ScenarioBody,
    createdAt: Number(row['created_at']),
  };
}
