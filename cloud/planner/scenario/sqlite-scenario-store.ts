import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import type { ScenarioBody } from './contract.ts';
import type { Scenario, ScenarioResult, ScenarioStore } from './scenario-store.ts';

const migrations = [
  `CREATE TABLE scenario (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, body TEXT NOT NULL, created_at INTEGER NOT NULL
   );
   CREATE TABLE result (
     id TEXT PRIMARY KEY, scenario TEXT NOT NULL REFERENCES scenario (id), target TEXT NOT NULL, content BLOB NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX result_scenario ON result (scenario)`,
];

/** Scenarios on SQLite. */
export class SqliteScenarioStore extends SqliteFile implements ScenarioStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'scenarios', migrations, what: 'the scenario store' });
  }

  async add(scenario: Omit<Scenario, 'number'>): Promise<void> {
    this.db
      .prepare('INSERT INTO scenario (id, owner, body, created_at) VALUES (?, ?, ?, ?)')
      .run(scenario.id, scenario.owner, JSON.stringify(scenario.body), scenario.createdAt);
  }

  async get(id: string): Promise<Scenario | undefined> {
    return scenarioOf(this.db.prepare('SELECT * FROM scenario WHERE id = ?').get(id));
  }

  async list(owner: string, after: number, limit: number): Promise<Scenario[]> {
    return this.db
      .prepare('SELECT * FROM scenario WHERE owner = ? AND number > ? ORDER BY number LIMIT ?')
      .all(owner, after, limit)
      .map((row) => scenarioOf(row)!);
  }

  async remove(id: string): Promise<boolean> {
    const { changes } = this.db
      .prepare('DELETE FROM scenario WHERE id = ? AND NOT EXISTS (SELECT 1 FROM result WHERE scenario = ?)')
      .run(id, id);
    return Number(changes) > 0;
  }

  async putResult(result: ScenarioResult): Promise<void> {
    this.db
      .prepare('INSERT INTO result VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
      .run(result.id, result.scenario, result.target, deflateRawSync(JSON.stringify(result.content)));
  }

  async result(
    id: string,
  ): Promise<{ readonly scenario: string; readonly target: string; readonly json: string } | undefined> {
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
