import { packed } from '../../../shared/codec/packed.ts';
import { documentBytes } from '../../../shared/codec/signed-document.ts';
import type { DesiredDocument, DocumentType } from '../../../shared/contracts/document.ts';
import { fitText } from '../../../shared/contracts/fit-text.ts';
import { MAX_EPOCH } from '../../../shared/contracts/ids.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import { transaction } from '../../telemetry/sqlite.ts';
import { COLUMNS, sealOf, stored, type StoredDocument } from './stored-document.ts';

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

/** So many reports and signed forms wait for the end of a turn, at most. */
const MOST_WAITING = 500;

/** So many refused ones in a row are passed over on the way to the one in force. */
const MOST_VALID = 20;

export type Unnumbered<Type extends DocumentType = DocumentType> = Omit<
  Extract<DesiredDocument, { type: Type }>,
  'epoch' | 'sequence'
>;

export const idOf = (document: Pick<DesiredDocument, 'type' | 'body' | 'gateway'>): string =>
  'id' in document.body ? document.body.id : `${document.type}-${document.gateway}`;

/**
 * Every document that was ever sent, its number given in the same transaction that keeps it: (epoch, sequence) of a type and
 * gateway never goes back over restarts. A restored store does not know what was sent after its copy was made: then the epoch of the
 * gateway that tells so is raised, and of no other.
 */
export class DocumentStore extends SqliteFile {
  /** What nobody asks to be on the medium, by what it says: written together behind this turn of the event loop. */
  readonly #waiting = new Map<string, () => void>();
  /** It could not be kept; told to the next who writes. */
  #failure: LoadstoneError | undefined;

  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'documents', migrations, what: 'the document store', kept: 'behind' });
  }

  override close(): void {
    this.#flush();
    super.close();
  }

  epoch(gateway: string): number {
    return Number(this.prepared('SELECT value FROM epoch WHERE gateway = ?').get(gateway)?.['value'] ?? 1);
  }

  /** No document for this gateway of an earlier epoch counts again. Answers with the epoch in force. */
  raiseEpoch(gateway: string, above: number): number {
    const epoch = Math.min(Math.max(this.epoch(gateway), above + 1), MAX_EPOCH);
    this.prepared('INSERT OR REPLACE INTO epoch VALUES (?, ?)').run(gateway, epoch);
    this.committed();
    return epoch;
  }

  /** This store is a copy that was restored: for no gateway does a document that was sent behind it count again. Answers how many gateways. */
  raiseEpochs(known: Iterable<string>): number {
    const sent = this.prepared('SELECT DISTINCT gateway FROM sequence').all();
    const gateways = new Set([...sent.map(({ gateway }) => String(gateway)), ...known]);
    for (const gateway of gateways) this.raiseEpoch(gateway, this.epoch(gateway));
    return gateways.size;
  }

  /** Numbers documents in their order and keeps them together: on the medium, and so to be sent, once `synced` resolves. */
  add<Type extends DocumentType>(unnumbered: readonly Unnumbered<Type>[]): Extract<DesiredDocument, { type: Type }>[] {
    const insert = this.prepared(
      `INSERT INTO document (type, gateway, epoch, sequence, id, issued_at, valid_until, accept_until, content, packed)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?)`,
    );
    const documents = transaction(this.db, () =>
      unnumbered.map((each) => {
        const { type, gateway } = each as Unnumbered;
        const before = this.prepared('SELECT value FROM sequence WHERE type = ? AND gateway = ?').get(type, gateway);
        const sequence = Number(before?.['value'] ?? 0) + 1;
        this.prepared('INSERT OR REPLACE INTO sequence VALUES (?, ?, ?)').run(type, gateway, sequence);
        const document = { ...each, epoch: this.epoch(gateway), sequence } as unknown as Extract<
          DesiredDocument,
          { type: Type }
        >;
        insert.run(
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
      }),
    );
    this.committed();
    return documents;
  }

  /**
   * Keeps the signature behind this turn, so that what is sent again is not signed again: Ed25519 gives the same bytes each time. What
   * it signs is kept already; but for what was kept before documents were compressed, of which the signed form is kept whole.
   */
  signed(document: DesiredDocument, jws: string): void {
    const { type, gateway, epoch, sequence } = document;
    const seal = sealOf(jws);
    this.#later(`jws ${type} ${gateway} ${epoch} ${sequence}`, () =>
      this.prepared(
        `UPDATE document SET jws = CASE WHEN packed IS NULL THEN ? ELSE ? END
         WHERE type = ? AND gateway = ? AND epoch = ? AND sequence = ?`,
      ).run(jws, seal, type, gateway, epoch, sequence),
    );
  }

  /** The number of the newest of a type for a gateway. */
  newestNumber(type: DocumentType, gateway: string): Pick<DesiredDocument, 'epoch' | 'sequence'> | undefined {
    return this.prepared(
      'SELECT epoch, sequence FROM document WHERE type = ? AND gateway = ? ORDER BY epoch DESC, sequence DESC LIMIT 1',
    ).get(type, gateway) as Pick<DesiredDocument, 'epoch' | 'sequence'> | undefined;
  }

  /** The bytes of a document, compressed. */
  compressed(document: DesiredDocument): Uint8Array {
    const { type, gateway, epoch, sequence } = document;
    const row = this.prepared(
      'SELECT packed FROM document WHERE type = ? AND gateway = ? AND epoch = ? AND sequence = ?',
    ).get(type, gateway, epoch, sequence);
    return (row?.['packed'] as Uint8Array | null | undefined) ?? packed(documentBytes(document));
  }

  /** The newest of a type for a gateway. */
  newest(type: DocumentType, gateway: string): StoredDocument | undefined {
    return stored(
      this.prepared(
        `SELECT ${COLUMNS} FROM document WHERE type = ? AND gateway = ? ORDER BY epoch DESC, sequence DESC LIMIT 1`,
      ).get(type, gateway),
    );
  }

  /** Documents of a type that a gateway was to hold at `time`, newest first: issued by then and still valid, a few at the most. */
  validAt(type: DocumentType, gateway: string, time: number): StoredDocument[] {
    return this.prepared(
      `SELECT ${COLUMNS} FROM document WHERE type = ? AND gateway = ? AND issued_at <= ? AND valid_until > ?
       ORDER BY epoch DESC, sequence DESC LIMIT ?`,
    )
      .all(type, gateway, time, time, MOST_VALID)
      .map((row) => stored(row)!);
  }

  byId(id: string): StoredDocument | undefined {
    return stored(
      this.prepared(`SELECT ${COLUMNS} FROM document WHERE id = ? ORDER BY epoch DESC, sequence DESC`).get(id),
    );
  }

  /** Documents of a type for a gateway, newest first. */
  list(type: DocumentType, gateway: string, limit: number): StoredDocument[] {
    return this.prepared(
      `SELECT ${COLUMNS} FROM document WHERE type = ? AND gateway = ? ORDER BY epoch DESC, sequence DESC LIMIT ?`,
    )
      .all(type, gateway, limit)
      .map((row) => stored(row)!);
  }

  /**
   * Keeps a report once for each stage of a document. Answers whether it was new. A loss of power may take the last ones with it:
   * then the document is sent once more, and its gateway answers with the outcome that it has kept.
   */
  report(gateway: string, report: DocumentReport): boolean {
    const { type, epoch, sequence, id, stage } = report;
    const key = reportKey(report);
    const name = `report ${gateway} ${stage} ${key}`;
    const known = this.prepared('SELECT 1 FROM report WHERE document = ? AND gateway = ? AND stage = ?');
    if (this.#waiting.has(name) || known.get(key, gateway, stage) !== undefined) return false;
    // Before it waits: what is cut off is held no longer than this call.
    const content = JSON.stringify(short(report));
    this.#later(name, () =>
      this.prepared(
        `INSERT OR IGNORE INTO report (document, gateway, stage, content, stray) VALUES (?, ?, ?, ?, NOT EXISTS (
           SELECT 1 FROM document WHERE type = ? AND gateway = ? AND epoch = ? AND sequence = ? AND id = ?))`,
      ).run(key, gateway, stage, content, type, gateway, epoch, sequence, id),
    );
    return true;
  }

  #later(name: string, write: () => void): void {
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      throw failure;
    }
    if (this.#waiting.size === 0) setImmediate(() => this.#flush());
    this.#waiting.set(name, write);
    if (this.#waiting.size >= MOST_WAITING) this.#flush();
  }

  #flush(): void {
    if (this.#waiting.size === 0) return;
    const writes = [...this.#waiting.values()];
    this.#waiting.clear();
    try {
      transaction(this.db, () => {
        for (const write of writes) write();
      });
    } catch (error) {
      this.#failure = new LoadstoneError('LS-STORE-001', `document store: ${String(error)}`);
    }
  }

  /** The way of a document so far, in the order in which it was told. */
  reports(document: DesiredDocument): DocumentReport[] {
    this.#flush();
    return this.prepared('SELECT content FROM report WHERE document = ? AND gateway = ? ORDER BY id')
      .all(reportKey({ id: idOf(document), epoch: document.epoch, sequence: document.sequence }), document.gateway)
      .map((row) => JSON.parse(row['content'] as string) as DocumentReport);
  }

  /**
   * Forgets documents issued before `time` but the newest of each type and gateway, what was reported of them, and reports of what
   * this store never had: a bounded number at once. Returns how many; 0: there is nothing more to forget.
   */
  prune(time: number): number {
    this.#flush();
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
}

/** Of the words of a report; a gateway may send a megabyte. */
const MOST_WORDS = 2000;
const short = (report: DocumentReport): DocumentReport =>
  report.detail === undefined ? report : { ...report, detail: fitText(report.detail, MOST_WORDS) };

interface Forgotten {
  readonly type: string;
  readonly gateway: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly id: string;
}

const reportKey = ({ id, epoch, sequence }: Pick<DocumentReport, 'id' | 'epoch' | 'sequence'>): string =>
  `${id} ${epoch} ${sequence}`;
