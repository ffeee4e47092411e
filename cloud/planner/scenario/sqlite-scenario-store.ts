import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { SqlStore, type SqlPlace } from '../../sql/sql-store.ts';
import type { Row } from '../../sql/sql.ts';
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

export class SqliteScenarioStore extends SqlStore implements ScenarioStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'scenarios', migrations, what: 'the scenario store' });
  }

  async add({ id, owner, body, createdAt }: Omit<Scenario, 'number'>): Promise<void> {
    const insert = 'INSERT INTO scenario (id, owner, body, created_at) VALUES (?, ?, ?, ?)';
    await this.sql.run(insert, id, owner, JSON.stringify(body), createdAt);
  }

  async get(id: string): Promise<Scenario | undefined> {
    return (await this.sql.rows('SELECT * FROM scenario WHERE id = ?', id)).map(scenarioOf)[0];
  }

  async list(owner: string, after: number, limit: number): Promise<Scenario[]> {
    const query = 'SELECT * FROM scenario WHERE owner = ? AND number > ? ORDER BY number LIMIT ?';
    return (await this.sql.rows(query, owner, after, limit)).map(scenarioOf);
  }

  async remove(id: string): Promise<boolean> {
    const removes = 'DELETE FROM scenario WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM result WHERE scenario = ?1)';
    return (await this.sql.run(removes, id)) > 0;
  }

  async putResult({ id, scenario, target, content }: ScenarioResult): Promise<void> {
    const insert = 'INSERT INTO result (id, scenario, target, content) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';
    await this.sql.run(insert, id, scenario, target, deflateRawSync(JSON.stringify(content)));
  }

  async result(
    id: string,
  ): Promise<{ readonly scenario: string; readonly target: string; readonly json: string } | undefined> {
    const [row] = await this.sql.rows('SELECT scenario, target, content FROM result WHERE id = ?', id);
    if (row === undefined) return undefined;
    return {
      scenario: String(row['scenario']),
      target: String(row['target']),
      json: inflateRawSync(row['content'] as Uint8Array).toString('utf8'),
    };
  }
}

const scenarioOf = (row: Row): Scenario => ({
  number: Number(row['number']),
  id: String(row['id']),
  owner: String(row['owner']),
  body: JSON.parse(String(row['body'])) as ScenarioBody,
  createdAt: Number(row['created_at']),
});
