import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import { NodeTable, type NodeRecord } from './births.ts';

const migrations = ['CREATE TABLE node (gateway TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID'];

/**
 * The births of every edge node, over restarts: aliases stay known while a gateway's session outlives the cloud's. They are written
 * together, as a fleet is born together; what gets lost is asked for again.
 */
export class BirthFile extends SqliteFile {
  readonly #changed = new Set<NodeTable>();

  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'births', migrations, what: 'the store of births', kept: 'some time' });
  }

  override close(): void {
    this.flush();
    super.close();
  }

  load(): NodeTable[] {
    const rows = this.prepared('SELECT gateway, record FROM node ORDER BY gateway').all();
    return rows.map((row) => {
      const node = new NodeTable(String(row['gateway']));
      node.load(JSON.parse(String(row['record'])) as NodeRecord);
      return node;
    });
  }

  /** Kept with the next `flush`, as it stands then. */
  save(node: NodeTable): void {
    this.#changed.add(node);
  }

  flush(): void {
    if (this.#changed.size === 0) return;
    const nodes = [...this.#changed];
    this.#changed.clear();
    const insert = this.prepared('INSERT OR REPLACE INTO node VALUES (?, ?)');
    transaction(this.db, () => {
      for (const node of nodes) insert.run(node.gateway, JSON.stringify(node.record()));
    });
  }
}
