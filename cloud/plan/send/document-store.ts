import type { DesiredDocument, DocumentType } from '../../../shared/contracts/document.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';

export type Unnumbered<Type extends DocumentType = DocumentType> = Omit<
  Extract<DesiredDocument, { type: Type }>,
  'epoch' | 'sequence'
>;

export type DocumentNumber = Pick<DesiredDocument, 'epoch' | 'sequence'>;

export type Numbered<Type extends DocumentType> = Extract<DesiredDocument, { type: Type }>;

/** A document as issued; `jws` is what was sent, compressed or not. */
export interface StoredDocument {
  readonly document: DesiredDocument;
  readonly jws: string | undefined;
}

export const idOf = (document: Pick<DesiredDocument, 'type' | 'body' | 'gateway'>): string =>
  'id' in document.body ? document.body.id : `${document.type}-${document.gateway}`;

/**
 * Every document that was ever sent. Its number is assigned in the step that stores it: (epoch, sequence) of a type and gateway never goes
 * back, not even over restarts. A restored store does not know what was sent after its copy was made. When a gateway reveals that, its
 * epoch is raised, and no other.
 */
export interface DocumentStore {
  epoch(gateway: string): Promise<number>;
  /** Ends the validity of all documents for this gateway from earlier epochs. Returns the epoch in force. */
  raiseEpoch(gateway: string, above: number): Promise<number>;
  /**
   * For a store that was restored from a copy: no document sent after that copy counts again, for all gateways that are known or were ever
   * sent something. Returns the number of gateways.
   */
  raiseEpochs(known: Iterable<string>): Promise<number>;
  /** Numbers a document and stores it; it may be sent once this resolves. Numbers of one type and gateway follow the order of the calls. */
  add<Type extends DocumentType>(unnumbered: Unnumbered<Type>): Promise<Numbered<Type>>;
  /**
   * Like `add`, but only while `newest` is the newest of its type and gateway (undefined: there is none). Of concurrent calls exactly one
   * succeeds.
   */
  addAfter<Type extends DocumentType>(
    unnumbered: Unnumbered<Type>,
    newest: DocumentNumber | undefined,
  ): Promise<Numbered<Type> | undefined>;
  /** Like `add`, but only if no document has its id. Of concurrent calls exactly one adds it, and all return it. */
  addOnce(unnumbered: Unnumbered<'command'>): Promise<StoredDocument>;
  /** Stores the signed form, so that a resend needs no new signature. A power cut may lose it. */
  signed(document: DesiredDocument, jws: string): Promise<void>;
  /** The bytes of a document, compressed. */
  compressed(document: DesiredDocument): Promise<Uint8Array>;
  /** The number of the newest document of a type for a gateway. */
  newestNumber(type: DocumentType, gateway: string): Promise<DocumentNumber | undefined>;
  newest(type: DocumentType, gateway: string): Promise<StoredDocument | undefined>;
  /** Documents of a type that a gateway was to hold at `time`, newest first: issued by then and still valid, only the newest few. */
  validAt(type: DocumentType, gateway: string, time: number): Promise<StoredDocument[]>;
  byId(id: string): Promise<StoredDocument | undefined>;
  /** Documents of a type for a gateway, newest first. */
  list(type: DocumentType, gateway: string, limit: number): Promise<StoredDocument[]>;
  /**
   * Stores a report once for each stage of a document; of concurrent calls exactly one returns true. A power cut may lose the last ones:
   * the document is then sent once more, and its gateway answers with the outcome that it has stored.
   */
  report(gateway: string, report: DocumentReport): Promise<boolean>;
  /** The reports on a document so far, in order of arrival. */
  reports(document: DesiredDocument): Promise<DocumentReport[]>;
  /**
   * Deletes documents issued before `time` except the newest of each type and gateway, their reports, and reports on documents that this
   * store never had: a bounded number at once. Returns how many; 0: nothing is left to delete.
   */
  prune(time: number): Promise<number>;
}
