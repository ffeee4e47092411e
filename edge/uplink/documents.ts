import { Type } from 'typebox';
import { parseJson } from '../../shared/codec/json.ts';
import { MAX_DOCUMENT_CHARS, verifyDocument, type SigningKey } from '../../shared/codec/signed-document.ts';
import type { DesiredDocument, DocumentType } from '../../shared/contracts/document.ts';
import { Epoch, Sequence } from '../../shared/contracts/ids.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { bad, good, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Disk } from '../../shared/ports/disk.ts';

export interface DocumentsOptions {
  readonly disk: Disk;
  readonly gateway: string;
  readonly trustedKeys: readonly SigningKey[];
  /** Plant time, ms UTC. */
  readonly now: () => number;
}

/** How far ahead of plant time a document may have been issued: clocks differ. */
const SKEW_MS = 10 * 60_000;
/** A plan may be handed over this long before it begins. */
const EARLY_MS = 3_600_000;

/** A restore raises the epoch by one. Who could raise it without bound would lock the true cloud out. */
const EPOCH_LEAP = 1000;

/** A mark that no document can exceed counts as none. An early cloud once sent such numbers. */
const Stored = Type.Object({
  epoch: Epoch,
  sequence: Sequence,
  jws: Type.String(),
});
const checkStored = checker(Stored, 'LS-DOC-005');

interface Mark {
  readonly epoch: number;
  readonly sequence: number;
  readonly jws: string;
}

export type Verdict =
  | { readonly kind: 'accepted'; readonly document: DesiredDocument }
  /** The very document that is held already: nothing is to be done. */
  | { readonly kind: 'held'; readonly document: DesiredDocument }
  /** `document` where its signature holds. */
  | { readonly kind: 'rejected'; readonly fault: Fault; readonly document: DesiredDocument | undefined };

/**
 * Checks every desired document: a pinned key's signature, the address, an (epoch, sequence) above the last accepted one of its type, and
 * validity in plant time. An accepted document is persisted before it counts.
 */
export class Documents {
  readonly #options: DocumentsOptions;
  #marks = new Map<DocumentType, Mark | null>();

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  /** The last accepted documents, still signed by a pinned key. Commands act once and are not restored. */
  async restore(): Promise<DesiredDocument[]> {
    const documents: DesiredDocument[] = [];
    for (const type of ['settings', 'model', 'plan', 'training'] as const) {
      const mark = await this.#markOf(type);
      if (!mark.ok || mark.value === null) continue;
      const document = await verifyDocument(mark.value.jws, this.#options.trustedKeys);
      if (document.ok && document.value.type === type && document.value.gateway === this.#options.gateway) {
        documents.push(document.value);
      }
    }
    return documents;
  }

  /** Judges a document that came on the topic of `type`. */
  async receive(type: DocumentType, jws: string): Promise<Verdict> {
    const verified = await verifyDocument(jws, this.#options.trustedKeys);
    if (!verified.ok) return { kind: 'rejected', fault: verified.fault, document: undefined };
    const document = verified.value;
    const judged = await this.#judge(type, document, jws);
    if (!judged.ok) return { kind: 'rejected', fault: judged.fault, document };
    return { kind: judged.value, document };
  }

  async #judge(type: DocumentType, document: DesiredDocument, jws: string): Promise<Outcome<'accepted' | 'held'>> {
    const { gateway, now, disk } = this.#options;
    if (document.type !== type) return bad('LS-DOC-005', `a ${document.type} on the topic of a ${type}`, '/type');
    if (document.gateway !== gateway) return bad('LS-DOC-004', `for ${document.gateway}; this is ${gateway}`);
    const mark = await this.#markOf(type);
    if (!mark.ok) return mark;
    const { epoch, sequence } = document;
    const last = mark.value;
    if (last !== null && !isAbove(document, last)) {
      const same = last.epoch === epoch && last.sequence === sequence;
      if (same && (last.jws === jws || (await this.#saysTheSame(document, last)))) return good('held');
      return bad('LS-DOC-002', `(${epoch}, ${sequence}) after (${last.epoch}, ${last.sequence})`);
    }
    if (last !== null && epoch > last.epoch + EPOCH_LEAP)
      return bad('LS-DOC-012', `epoch ${epoch} after ${last.epoch}; up to ${last.epoch + EPOCH_LEAP} is taken`);
    const time = timeFault(document, now());
    if (time !== undefined) return { ok: false, fault: time };
    const kept: Mark = { epoch, sequence, jws };
    try {
      await disk.replace(fileOf(type), new TextEncoder().encode(JSON.stringify(kept)));
    } catch (error) {
      return bad('LS-DOC-007', error instanceof Error ? error.message : 'the disk does not answer');
    }
    this.#marks.set(type, kept);
    return good('accepted');
  }

  /** The held document was compressed and this one is plain, or the other way round. */
  async #saysTheSame(document: DesiredDocument, { jws }: Mark): Promise<boolean> {
    const held = await verifyDocument(jws, this.#options.trustedKeys);
    return held.ok && JSON.stringify(held.value) === JSON.stringify(document);
  }

  /** The last accepted document of a type. Null: none yet. While the disk does not answer, nothing is accepted. */
  async #markOf(type: DocumentType): Promise<Outcome<Mark | null>> {
    const known = this.#marks.get(type);
    if (known !== undefined) return good(known);
    try {
      const bytes = await this.#options.disk.read(fileOf(type));
      const mark = bytes === undefined ? null : parseMark(bytes);
      this.#marks.set(type, mark);
      return good(mark);
    } catch (error) {
      return bad('LS-DOC-007', error instanceof Error ? error.message : 'the disk does not answer');
    }
  }
}

const fileOf = (type: DocumentType): string => `documents/${type}.json`;

function parseMark(bytes: Uint8Array): Mark | null {
  const limits = { code: 'LS-DOC-005', maxChars: MAX_DOCUMENT_CHARS + 1000 } as const;
  const parsed = parseJson(new TextDecoder().decode(bytes), limits);
  const checked = parsed.ok ? checkStored(parsed.value) : parsed;
  return checked.ok ? checked.value : null;
}

const isAbove = (document: DesiredDocument, last: Mark): boolean =>
  document.epoch > last.epoch || (document.epoch === last.epoch && document.sequence > last.sequence);

function timeFault(document: DesiredDocument, now: number): Fault | undefined {
  const { issuedAt, acceptUntil, validFrom, validUntil } = document;
  const at = (time: number): string => new Date(time).toISOString();
  const fault = (code: Fault['code'], detail: string): Fault => ({ code, detail: `${detail}; it is ${at(now)}` });
  if (now > acceptUntil) return fault('LS-DOC-003', `to be accepted until ${at(acceptUntil)}`);
  if (now >= validUntil) return fault('LS-DOC-003', `valid until ${at(validUntil)}`);
  if (validUntil <= validFrom) return fault('LS-DOC-003', 'valid for no time at all');
  if (issuedAt > now + SKEW_MS) return fault('LS-DOC-008', `issued at ${at(issuedAt)}`);
  if (validFrom > now + EARLY_MS) return fault('LS-DOC-008', `valid from ${at(validFrom)}`);
  return undefined;
}

/** Id under which a document's stages are reported. */
export function idOf(document: DesiredDocument): string {
  return document.type === 'settings' ? `settings-${document.epoch}-${document.sequence}` : document.body.id;
}
