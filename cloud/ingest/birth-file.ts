import type { DatabaseSync } from 'node:sqlite';
import { openSqlite, transaction } from '../telemetry/sqlite.ts';
import { NodeTable, type NodeRecord } from './births.ts';

const migrations = ['CREATE TABLE node (gateway TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID'];

/**
 * The births of every edge node, over restarts: aliases stay known while a gateway's session outlives the cloud's. They are written
 * together, as a fleet is born together; what gets lost is asked for again.
 */
export class BirthFile {
  readonly #path: string;
  #db: DatabaseSync | undefined;
  readonly #changed = new Set<NodeTable>();

  /** `path`: a file, or `:memory:`. */
  constructor(path: string) {
    this.#path = path;
  }

  open(): void {
    this.#db ??= openSqlite({ path: this.#path, migrations, durable: false });
  }

  close(): void {
    this.flush();
    this.#db?.close();
    this.#db = undefined;
  }

  load(): NodeTable[] {
    const rows = this.#db?.prepare('SELECT gateway, record FROM node ORDER BY gateway').all() ?? [];
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
    const db = this.#db;
    if (db === undefined || this.#changed.size === 0) return;
    const nodes = [...this.#changed];
    this.#changed.clear();
    const insert = db.prepare('INSERT OR REPLACE INTO node VALUES (?, ?)');
    transaction(db, () => {
      for (const node of nodes) insert.run(node.gateway, JSON.stringify(node.record()));
    });
  }
}
