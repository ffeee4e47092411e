import type { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '../telemetry/sqlite.ts';
import { NodeTable, type NodeRecord } from './births.ts';

const migrations = ['CREATE TABLE node (gateway TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID'];

/** The births of every edge node, over restarts: aliases stay known while a gateway's session outlives the cloud's. What gets lost is asked for again. */
export class BirthFile {
  readonly #path: string;
  #db: DatabaseSync | undefined;

  /** `path`: a file, or `:memory:`. */
  constructor(path: string) {
    this.#path = path;
  }

  open(): void {
    this.#db ??= openSqlite({ path: this.#path, migrations, durable: false });
  }

  close(): void {
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

  save(node: NodeTable): void {
    this.#db?.prepare('INSERT OR REPLACE INTO node VALUES (?, ?)').run(node.gateway, JSON.stringify(node.record()));
  }
}
