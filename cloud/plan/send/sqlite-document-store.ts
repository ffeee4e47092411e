import { packed } from '../../../shared/codec/packed.ts';
import { documentBytes } from '../../../shared/codec/signed-document.ts';
import type { DesiredDocument, DocumentType } from '../../../shared/contracts/document.ts';
import { MAX_EPOCH } from '../../../shared/contracts/ids.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';
import { SqlStore, type SqlPlace } from '../../sql/sql-store.ts';
import { first, rows, run, type Steps } from '../../sql/sql.ts';
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
  // One gateway could drive an epoch that all share to where it cannot be read, so each continues from its own documents.
  `DELETE FROM document WHERE epoch > ${MAX_EPOCH};
   CREATE TABLE epoch (gateway TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
   INSERT INTO epoch
     SELECT gateway, max(epoch) FROM (
       SELECT gateway, coalesce((SELECT value FROM meta WHERE key = 'epoch' AND value BETWEEN 1 AND ${MAX_EPOCH}), 1) AS epoch FROM sequence
       UNION ALL SELECT gateway, coalesce((SELECT value FROM meta WHERE key = 'epoch' AND value BETWEEN 1 AND ${MAX_EPOCH}), 1) FROM document
       UNION ALL SELECT gateway, epoch FROM document) AS known GROUP BY gateway;
   DROP TABLE meta;
   DELETE FROM report WHERE (document, gateway) NOT IN
     (SELECT id || ' ' || epoch || ' ' || sequence, gateway FROM document);
   ALTER TABLE report ADD COLUMN stray INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX report_stray ON report (stray, id) WHERE stray = 1`,
  // Earlier documents stay as they are until they are deleted: compressing all of them would hold up the start.
  'ALTER TABLE document ADD COLUMN packed BLOB',
];

/** Most documents, and most strays, deleted at once, because the main thread has other work too. */
const MOST_FORGOTTEN = 100;

/** Most refused documents in a row that are skipped on the way to the one in force. */
const MOST_VALID = 20;

/** The documents in a database. */
export class SqliteDocumentStore extends SqlStore implements DocumentStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'documents', migrations, what: 'the document store', durability: 'behind' });
  }

  async epoch(gateway: string): Promise<number> {
    return this.sql.reading(() => epochOf(gateway));
  }

  async raiseEpoch(gateway: string, above: number): Promise<number> {
    return this.#durable(await this.sql.transaction(() => raise(gateway, above)));
  }

  async raiseEpochs(known: Iterable<string>): Promise<number> {
    const count = await this.sql.transaction(function* () {
      const sent = yield* rows('SELECT DISTINCT gateway FROM sequence');
      const gateways = new Set([...sent.map(({ gateway }) => String(gateway)), ...known]);
      for (const gateway of gateways) yield* raise(gateway, yield* epochOf(gateway));
      return gateways.size;
    });
    return this.#durable(count);
  }

  async add<Type extends DocumentType>(unnumbered: Unnumbered<Type>): Promise<Numbered<Type>> {
    return this.#durable(await this.sql.transaction(() => insert(unnumbered)));
  }

  async addAfter<Type extends DocumentType>(
    unnumbered: Unnumbered<Type>,
    newest: DocumentNumber | undefined,
  ): Promise<Numbered<Type> | undefined> {
    const { type, gateway } = unnumbered as Unnumbered;
    const document = await this.sql.transaction(function* () {
      const now = yield* newestNumberOf(type, gateway);
      const isSame = now?.epoch === newest?.epoch && now?.sequence === newest?.sequence;
      return isSame ? yield* insert(unnumbered) : undefined;
    });
    return document && this.#durable(document);
  }

  async addOnce(unnumbered: Unnumbered<'command'>): Promise<StoredDocument> {
    const document = await this.sql.transaction(function* () {
      const known = yield* newestById(unnumbered.body.id);
      return known ?? { document: yield* insert(unnumbered), jws: undefined };
    });
    // A second caller waits too, because the command is sent once this returns.
    return this.#durable(document);
  }

  /** The signed content is stored already. Only documents from before compression keep their whole signed form. */
  async signed({ type, gateway, epoch, sequence }: DesiredDocument, jws: string): Promise<void> {
    await this.sql.run(
      `UPDATE document SET jws = CASE WHEN packed IS NULL THEN ? ELSE ? END
       WHERE type = ? AND gateway = ? AND epoch = ? AND sequence = ?`,
      jws,
      sealOf(jws),
      type,
      gateway,
      epoch,
      sequence,
    );
  }

  async newestNumber(type: DocumentType, gateway: string): Promise<DocumentNumber | undefined> {
    return this.sql.reading(() => newestNumberOf(type, gateway));
  }

  async compressed(document: DesiredDocument): Promise<Uint8Array> {
    const { type, gateway, epoch, sequence } = document;
    const [row] = await this.sql.rows(
      'SELECT packed FROM document WHERE type = ? AND gateway = ? AND epoch = ? AND sequence = ?',
      type,
      gateway,
      epoch,
      sequence,
    );
    return (row?.['packed'] as Uint8Array | null | undefined) ?? packed(documentBytes(document));
  }

  async newest(type: DocumentType, gateway: string): Promise<StoredDocument | undefined> {
    return (await this.list(type, gateway, 1))[0];
  }

  async validAt(type: DocumentType, gateway: string, time: number): Promise<StoredDocument[]> {
    const valid = await this.sql.rows(
      `SELECT ${COLUMNS} FROM document WHERE type = ? AND gateway = ? AND issued_at <= ? AND valid_until > ?
       ORDER BY epoch DESC, sequence DESC LIMIT ?`,
      type,
      gateway,
      time,
      time,
      MOST_VALID,
    );
    return valid.map((row) => stored(row)!);
  }

  async byId(id: string): Promise<StoredDocument | undefined> {
    return this.sql.reading(() => newestById(id));
  }

  async list(type: DocumentType, gateway: string, limit: number): Promise<StoredDocument[]> {
    const found = await this.sql.rows(
      `SELECT ${COLUMNS} FROM document WHERE type = ? AND gateway = ? ORDER BY epoch DESC, sequence DESC LIMIT ?`,
      type,
      gateway,
      limit,
    );
    return found.map((row) => stored(row)!);
  }

  async report(gateway: string, report: DocumentReport): Promise<boolean> {
    const { type, epoch, sequence, id, stage } = report;
    const changes = await this.sql.run(
      `INSERT INTO report (document, gateway, stage, content, stray) VALUES (?, ?, ?, ?, CASE WHEN EXISTS (
         SELECT 1 FROM document WHERE type = ? AND gateway = ? AND epoch = ? AND sequence = ? AND id = ?) THEN 0 ELSE 1 END)
       ON CONFLICT DO NOTHING`,
      reportKey(report),
      gateway,
      stage,
      JSON.stringify(report),
      type,
      gateway,
      epoch,
      sequence,
      id,
    );
    return changes > 0;
  }

  async reports(document: DesiredDocument): Promise<DocumentReport[]> {
    const key = reportKey({ id: idOf(document), epoch: document.epoch, sequence: document.sequence });
    const sql = 'SELECT content FROM report WHERE document = ? AND gateway = ? ORDER BY id';
    const reports = await this.sql.rows(sql, key, document.gateway);
    return reports.map((row) => JSON.parse(row['content'] as string) as DocumentReport);
  }

  async prune(time: number): Promise<number> {
    return this.sql.transaction(function* () {
      const old = (yield* rows(OLD, time, MOST_FORGOTTEN)) as unknown as readonly Forgotten[];
      for (const { type, gateway, epoch, sequence, id } of old) {
        const key = reportKey({ id, epoch, sequence });
        yield* run('DELETE FROM report WHERE document = ? AND gateway = ?', key, gateway);
        yield* run(FORGET, type, gateway, epoch, sequence);
      }
      return old.length + (yield* run(FORGET_STRAYS, MOST_FORGOTTEN));
    });
  }

  /** Waits until what was committed is durable. */
  async #durable<T>(result: T): Promise<T> {
    await this.synced();
    return result;
  }
}

const OLD = `SELECT type, gateway, epoch, sequence, id FROM document WHERE issued_at < ? AND EXISTS (
    SELECT 1 FROM document AS later WHERE later.type = document.type AND later.gateway = document.gateway
    AND (later.epoch, later.sequence) > (document.epoch, document.sequence))
  ORDER BY issued_at LIMIT ?`;
const FORGET = 'DELETE FROM document WHERE type = ? AND gateway = ? AND epoch = ? AND sequence = ?';
const FORGET_STRAYS = 'DELETE FROM report WHERE id IN (SELECT id FROM report WHERE stray = 1 ORDER BY id LIMIT ?)';

function* epochOf(gateway: string): Steps<number> {
  return Number((yield* first('SELECT value FROM epoch WHERE gateway = ?', gateway))?.['value'] ?? 1);
}

function* raise(gateway: string, above: number): Steps<number> {
  const row = yield* first(
    `INSERT INTO epoch (gateway, value) VALUES (?, ?) ON CONFLICT (gateway)
       DO UPDATE SET value = CASE WHEN excluded.value > epoch.value THEN excluded.value ELSE epoch.value END
     RETURNING value`,
    gateway,
    Math.min(Math.max(1, above + 1), MAX_EPOCH),
  );
  return Number(row?.['value']);
}

function* newestNumberOf(type: DocumentType, gateway: string): Steps<DocumentNumber | undefined> {
  const row = yield* first(
    'SELECT epoch, sequence FROM document WHERE type = ? AND gateway = ? ORDER BY epoch DESC, sequence DESC LIMIT 1',
    type,
    gateway,
  );
  return row && { epoch: Number(row['epoch']), sequence: Number(row['sequence']) };
}

function* newestById(id: string): Steps<StoredDocument | undefined> {
  const sql = `SELECT ${COLUMNS} FROM document WHERE id = ? ORDER BY epoch DESC, sequence DESC LIMIT 1`;
  return stored(yield* first(sql, id));
}

/** Stores a document under the next number of its type and gateway. */
function* insert<Type extends DocumentType>(unnumbered: Unnumbered<Type>): Steps<Numbered<Type>> {
  const { type, gateway } = unnumbered as Unnumbered;
  const row = yield* first(
    `INSERT INTO sequence (type, gateway, value) VALUES (?, ?, 1) ON CONFLICT (type, gateway)
       DO UPDATE SET value = sequence.value + 1 RETURNING value`,
    type,
    gateway,
  );
  const sequence = Number(row?.['value']);
  const document = { ...unnumbered, epoch: yield* epochOf(gateway), sequence } as unknown as Numbered<Type>;
  yield* run(
    `INSERT INTO document (type, gateway, epoch, sequence, id, issued_at, valid_until, accept_until, content, packed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?)`,
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

interface Forgotten {
  readonly type: string;
  readonly gateway: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly id: string;
}

const reportKey = ({ id, epoch, sequence }: Pick<DocumentReport, 'id' | 'epoch' | 'sequence'>): string =>
  `${id} ${epoch} ${sequence}`;
