import type { DesiredDocument, DocumentType } from '../../../shared/contracts/document.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';

export type Unnumbered<Type extends DocumentType = DocumentType> = Omit<
  Extract<DesiredDocument, { type: Type }>,
  'epoch' | 'sequence'
>;

export type DocumentNumber = Pick<DesiredDocument, 'epoch' | 'sequence'>;

export type Numbered<Type extends DocumentType> = Extract<DesiredDocument, { type: Type }>;

/** A document as it was issued; `jws` is what was sent, compressed or not. */
export interface StoredDocument {
  readonly document: DesiredDocument;
  readonly jws: string | undefined;
}

export const idOf = (document: Pick<DesiredDocument, 'type' | 'body' | 'gateway'>): string =>
  'id' in document.body ? document.body.id : `${document.type}-${document.gateway}`;

/**
 * Every document that was ever sent, its number given in the same step that keeps it: (epoch, sequence) of a type and gateway never
 * goes back over restarts. A restored store does not know what was sent after its copy was made: then the epoch of the gateway that
 * tells so is raised, and of no other.
 */
export interface DocumentStore {
  epoch(gateway: string): Promise<number>;
  /** No document for this gateway of an earlier epoch counts again. Answers with the epoch in force. */
  raiseEpoch(gateway: string, above: number): Promise<number>;
  /**
   * This store is a copy that was restored: for no gateway, of those known and those that were sent something, does a document that was
   * sent behind it count again. Answers how many gateways.
   */
  raiseEpochs(known: Iterable<string>): Promise<number>;
  /** Numbers a document and keeps it: it may be sent once this resolves. Of one type and gateway, in the order of the calls. */
  add<Type extends DocumentType>(unnumbered: Unnumbered<Type>): Promise<Numbered<Type>>;
  /** The same while `newest` is the newest of its type and gateway, undefined where there is none: of many at once exactly one is. */
  addAfter<Type extends DocumentType>(
    unnumbered: Unnumbered<Type>,
    newest: DocumentNumber | undefined,
  ): Promise<Numbered<Type> | undefined>;
  /** The same where no document has its id: of many at once exactly one is added, and all answer with it. */
  addOnce(unnumbered: Unnumbered<'command'>): Promise<StoredDocument>;
  /** Keeps the signed form, so that what is sent again is not signed again. A loss of power may take it. */
  signed(document: DesiredDocument, jws: string): Promise<void>;
  /** The bytes of a document, compressed. */
  compressed(document: DesiredDocument): Promise<Uint8Array>;
  /** The number of the newest of a type for a gateway. */
  newestNumber(type: DocumentType, gateway: string): Promise<DocumentNumber | undefined>;
  newest(type: DocumentType, gateway: string): Promise<StoredDocument | undefined>;
  /** Documents of a type that a gateway was to hold at `time`, newest first: issued by then and still valid, a few at the most. */
  validAt(type: DocumentType, gateway: string, time: number): Promise<StoredDocument[]>;
  byId(id: string): Promise<StoredDocument | undefined>;
  /** Documents of a type for a gateway, newest first. */
  list(type: DocumentType, gateway: string, limit: number): Promise<StoredDocument[]>;
  /**
   * Keeps a report once for each stage of a document: of many at once exactly one gets true. A loss of power may take the last ones
   * with it: then the document is sent once more, and its gateway answers with the outcome that it has kept.
   */
  report(gateway: string, report: DocumentReport): Promise<boolean>;
  /** The way of a document so far, in the order in which it was told. */
  reports(document: DesiredDocument): Promise<DocumentReport[]>;
  /**
   * Forgets documents issued before `time` but the newest of each type and gateway, what was reported of them, and reports of what
   * this store never had: a bounded number at once. Answers how many; 0: there is nothing more to forget.
   */
  prune(time: number): Promise<number>;
}
