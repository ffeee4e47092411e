import { packed } from '../../../shared/codec/packed.ts';
import { documentBytes } from '../../../shared/codec/signed-document.ts';
import type { DesiredDocument, DocumentType } from '../../../shared/contracts/document.ts';
import { MAX_EPOCH } from '../../../shared/contracts/ids.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';
import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import { transaction } from '../../telemetry/sqlite.ts';
import {
  idOf,
  type DocumentNumber,
  type DocumentStore,
  type Numbered,
  type StoredDocument,
  type Unnumbered,
} from './document-store.ts';
import { COLUMNS, sealOf, stored } from './stored-document.ts';

const migrations = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE document (
     type TEXT NOT NULL, gateway TEXT NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
     id TEXT NOT NULL, issued_at INTEGER NOT NULL, valid_until INTEGER NOT NULL, accept_until INTEGER NOT NULL,
     content TEXT NOT NULL, jws TEXT,
     PRIMARY KEY (type, gateway, epoch, sequence)
   ) WITHOUT ROWID;
   CREATE INDEX document_id ON document (id);
   CREATE INDEX document_age ON document (issued_at);
   CREATE TABLE report (
     id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL, gateway TEXT NOT NULL, stage TEXT NOT NULL,
     content TEXT NOT NULL, UNIQUE (document, gateway, stage)
   );
   CREATE TABLE sequence (
     type TEXT NOT NULL, gateway TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (type, gateway)
   ) WITHOUT ROWID`,
  // One epoch for all gateways could be driven by one of them to where it cannot be read: each goes on from its own documents.
  `DELETE FROM document WHERE epoch > ${MAX_EPOCH};
   CREATE TABLE epoch (gateway TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
   INSERT INTO epoch
     SELECT gateway, max(1, max(epoch), coalesce((SELECT value FROM meta WHERE key = 'epoch' AND value <= ${MAX_EPOCH}), 1))
     FROM (SELECT gateway, 1 AS epoch FROM sequence UNION ALL SELECT gateway, epoch FROM document) GROUP BY gateway;
   DROP TABLE meta;
   DELETE FROM report WHERE (document, gateway) NOT IN
     (SELECT id || ' ' || epoch || ' ' || sequence, gateway FROM document);
   ALTER TABLE report ADD COLUMN stray INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX report_stray ON report (stray, id) WHERE stray = 1`,
  // What was kept before stays as it is until it is forgotten: to compress all of it would hold up the start.
  'ALTER TABLE document ADD COLUMN packed BLOB',
];

/** So many documents, and so many strays, are forgotten at once: the main thread has other work too. */
const MOST_FORGOTTEN = 100;

/** So many refused ones in a row are passed over on the way to the one in force. */
const MOST_VALID = 20;

/** The documents on SQLite. */
export class SqliteDocumentStore extends SqliteFile implements DocumentStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'documents', migrations, what: 'the document store', kept: 'behind' });
  }

  async epoch(gateway: string): Promise<number> {
    return this.#epoch(gateway);
  }

  async raiseEpoch(gateway: string, above: number): Promise<number> {
    const epoch = this.#raise(gateway, above);
    await this.#keep();
    return epoch;
  }

  async raiseEpochs(known: Iterable<string>): Promise<number> {
    const sent = this.prepared('SELECT DISTINCT gateway FROM sequence').all();
    const gateways = new Set([...sent.map(({ gateway }) => String(gateway)), ...known]);
    transaction(this.db, () => {
      for (const gateway of gateways) this.#raise(gateway, this.#epoch(gateway));
    });
    await this.#keep();
    return gateways.size;
  }

  async add<Type extends DocumentType>(unnumbered: Unnumbered<Type>): Promise<Numbered<Type>> {
    const document = transaction(this.db, () => this.#insert(unnumbered));
    await this.#keep();
    return document;
  }

  async addAfter<Type extends DocumentType>(
    unnumbered: Unnumbered<Type>,
    newest: DocumentNumber | undefined,
  ): Promise<Numbered<Type> | undefined> {
    const { type, gateway } = unnumbered as Unnumbered;
    const document = transaction(this.db, () => {
      const now = this.#newestNumber(type, gateway);
      const isSame = now?.epoch === newest?.epoch && now?.sequence === newest?.sequence;
      return isSame ? this.#insert(unnumbered) : undefined;
    });
    if (document !== undefined) await this.#keep();
    return document;
  }

  async addOnce(unnumbered: Unnumbered<'command'>): Promise<StoredDocument> {
    const kept = transaction(
      this.db,
      () => this.#byId(unnumbered.body.id) ?? { document: this.#insert(unnumbered), jws: undefined },
    );
    // Who comes second waits too: it is sent on that answer.
    await this.#keep();
    return kept;
  }

  /** What is signed is kept already, but for what was kept before documents were compressed, of which the signed form is kept whole. */
  async signed({ type, gateway, epoch, sequence }: DesiredDocument, jws: string): Promise<void> {
    this.prepared(
      `UPDATE document SET jws = CASE WHEN packed IS NULL THEN ? ELSE ? END
       WHERE type = ? AND gateway = ? AND epoch = ? AND sequence = ?`,
    ).run(jws, sealOf(jws), type, gateway, epoch, sequence);
  }

  async newestNumber(type: DocumentType, gateway: string): Promise<DocumentNumber | undefined> {
    return this.#newestNumber(type, gateway);
  }

  async compressed(document: DesiredDocument): Promise<Uint8Array> {
    const { type, gateway, epoch, sequence } = document;
    const row = this.prepared(
      'SELECT packed FROM document WHERE type = ? AND gateway = ? AND epoch = ? AND sequence = ?',
    ).get(type, gateway, epoch, sequence);
    return (row?.['packed'] as Uint8Array | null | undefined) ?? packed(documentBytes(document));
  }

  async newest(type: DocumentType, gateway: string): Promise<StoredDocument | undefined> {
    return stored(
      this.prepared(
        `SELECT ${COLUMNS} FROM document WHERE type = ? AND gateway = ? ORDER BY epoch DESC, sequence DESC LIMIT 1`,
      ).get(type, gateway),
    );
  }

  async validAt(type: DocumentType, gateway: string, time: number): Promise<StoredDocument[]> {
    return this.prepared(
      `SELECT ${COLUMNS} FROM document WHERE type = ? AND gateway = ? AND issued_at <= ? AND valid_until > ?
       ORDER BY epoch DESC, sequence DESC LIMIT ?`,
    )
      .all(type, gateway, time, time, MOST_VALID)
      .map((row) => stored(row)!);
  }

  async byId(id: string): Promise<StoredDocument | undefined> {
    return this.#byId(id);
  }

  async list(type: DocumentType, gateway: string, limit: number): Promise<StoredDocument[]> {
    return this.prepared(
      `SELECT ${COLUMNS} FROM document WHERE type = ? AND gateway = ? ORDER BY epoch DESC, sequence DESC LIMIT ?`,
    )
      .all(type, gateway, limit)
      .map((row) => stored(row)!);
  }

  async report(gateway: string, report: DocumentReport): Promise<boolean> {
    const { type, epoch, sequence, id, stage } = report;
    const { changes } = this.prepared(
      `INSERT INTO report (document, gateway, stage, content, stray) VALUES (?, ?, ?, ?, NOT EXISTS (
         SELECT 1 FROM document WHERE type = ? AND gateway = ? AND epoch = ? AND sequence = ? AND id = ?))
       ON CONFLICT DO NOTHING`,
    ).run(reportKey(report), gateway, stage, JSON.stringify(report), type, gateway, epoch, sequence, id);
    return Number(changes) > 0;
  }

  async reports(document: DesiredDocument): Promise<DocumentReport[]> {
    return this.prepared('SELECT content FROM report WHERE document = ? AND gateway = ? ORDER BY id')
      .all(reportKey({ id: idOf(document), epoch: document.epoch, sequence: document.sequence }), document.gateway)
      .map((row) => JSON.parse(row['content'] as string) as DocumentReport);
  }

  async prune(time: number): Promise<number> {
    const old = this.prepared(
      `SELECT type, gateway, epoch, sequence, id FROM document WHERE issued_at < ? AND EXISTS (
         SELECT 1 FROM document AS later WHERE later.type = document.type AND later.gateway = document.gateway
         AND (later.epoch, later.sequence) > (document.epoch, document.sequence))
       ORDER BY issued_at LIMIT ?`,
    );
    const document = this.prepared(
      'DELETE FROM document WHERE type = ? AND gateway = ? AND epoch = ? AND sequence = ?',
    );
    const reports = this.prepared('DELETE FROM report WHERE document = ? AND gateway = ?');
    const strays = this.prepared(
      'DELETE FROM report WHERE id IN (SELECT id FROM report WHERE stray = 1 ORDER BY id LIMIT ?)',
    );
    return transaction(this.db, () => {
      const rows = old.all(time, MOST_FORGOTTEN) as unknown as Forgotten[];
      for (const { type, gateway, epoch, sequence, id } of rows) {
        reports.run(reportKey({ id, epoch, sequence }), gateway);
        document.run(type, gateway, epoch, sequence);
      }
      return rows.length + Number(strays.run(MOST_FORGOTTEN).changes);
    });
  }

  #epoch(gateway: string): number {
    return Number(this.prepared('SELECT value FROM epoch WHERE gateway = ?').get(gateway)?.['value'] ?? 1);
  }

  #raise(gateway: string, above: number): number {
    const row = this.prepared(
      `INSERT INTO epoch (gateway, value) VALUES (?, ?) ON CONFLICT (gateway)
         DO UPDATE SET value = CASE WHEN excluded.value > epoch.value THEN excluded.value ELSE epoch.value END
       RETURNING value`,
    ).get(gateway, Math.min(Math.max(1, above + 1), MAX_EPOCH));
    return Number(row?.['value']);
  }

  #newestNumber(type: DocumentType, gateway: string): DocumentNumber | undefined {
    const row = this.prepared(
      'SELECT epoch, sequence FROM document WHERE type = ? AND gateway = ? ORDER BY epoch DESC, sequence DESC LIMIT 1',
    ).get(type, gateway);
    return row && { epoch: Number(row['epoch']), sequence: Number(row['sequence']) };
  }

  #byId(id: string): StoredDocument | undefined {
    return stored(
      this.prepared(`SELECT ${COLUMNS} FROM document WHERE id = ? ORDER BY epoch DESC, sequence DESC`).get(id),
    );
  }

  /** Within a transaction. */
  #insert<Type extends DocumentType>(unnumbered: Unnumbered<Type>): Numbered<Type> {
    const { type, gateway } = unnumbered as Unnumbered;
    const row = this.prepared(
      `INSERT INTO sequence (type, gateway, value) VALUES (?, ?, 1) ON CONFLICT (type, gateway)
         DO UPDATE SET value = sequence.value + 1 RETURNING value`,
    ).get(type, gateway);
    const sequence = Number(row?.['value']);
    const document = { ...unnumbered, epoch: this.#epoch(gateway), sequence } as unknown as Numbered<Type>;
    this.prepared(
      `INSERT INTO document (type, gateway, epoch, sequence, id, issued_at, valid_until, accept_until, content, packed)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?)`,
    ).run(
      type,
      gateway,
      document.epoch,
      sequence,
      idOf(document),
      document.issuedAt,
      document.validUntil,
      document.acceptUntil,
      packed(documentBytes(document)),
    );
    return document;
  }

  /** What was committed is on the medium. */
  async #keep(): Promise<void> {
    this.committed();
    await this.synced();
  }
}

interface Forgotten {
  readonly type: string;
  readonly gateway: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly id: string;
}

const reportKey = ({ id, epoch, sequence }: Pick<DocumentReport, 'id' | 'epoch' | 'sequence'>): string =>
  `${id} ${epoch} ${sequence}`;
