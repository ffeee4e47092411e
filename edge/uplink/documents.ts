import { Type, type Static } from 'typebox';
import { parseJson } from '../../shared/codec/json.ts';
import { kidOf, MAX_DOCUMENT_CHARS, readStoredDocument, verifyDocument } from '../../shared/codec/signed-document.ts';
import { planBegin, type DesiredDocument, type DocumentType } from '../../shared/contracts/document.ts';
import { Epoch, Sequence } from '../../shared/contracts/ids.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { bad, good, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import { refused } from '../../shared/sentences/refused.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import type { KeyRing } from './key-ring.ts';

export interface DocumentsOptions {
  readonly disk: Disk;
  readonly gateway: string;
  readonly ring: KeyRing;
  /** Plant time, ms UTC. */
  readonly now: () => number;
}

/** How far in the future of plant time a document may be issued, to allow for clock differences. */
const SKEW_MS = 10 * 60_000;
/** A plan may arrive this long before it begins. */
const EARLY_MS = 3_600_000;

/** A restore raises the epoch by one. Without this bound, an attacker with a key could lock the true cloud out. */
const EPOCH_LEAP = 1000;

/** A mark that no document can exceed counts as none. An early cloud once sent such numbers. */
const Stored = Type.Object({
  /** Generation of the key list that it was accepted by; absent: accepted before there were lists. */
  generation: Type.Optional(Type.Integer({ minimum: 0 })),
  epoch: Epoch,
  sequence: Sequence,
  jws: Type.String(),
  /** The plan that is in force until this plan's first step begins. */
  inForce: Type.Optional(Type.String()),
});
const checkStored = checker(Stored, 'LS-DOC-005');

type Mark = Readonly<Static<typeof Stored>>;

export type Verdict =
  | { readonly kind: 'accepted'; readonly document: DesiredDocument }
  /** Identical to the document already held; nothing to do. */
  | { readonly kind: 'held'; readonly document: DesiredDocument }
  /** `document` is present if its signature holds. */
  | { readonly kind: 'rejected'; readonly fault: Fault; readonly document: DesiredDocument | undefined };

/**
 * Checks every desired document: signature by a valid key, address, (key generation, epoch, sequence) above the last accepted one
 * of its type, and validity in plant time. An accepted document is persisted before it takes effect.
 */
export class Documents {
  readonly #options: DocumentsOptions;
  #marks = new Map<DocumentType, Mark | null>();

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  /**
   * The last accepted documents that are still signed by a valid key, each plan after the one that it follows. Commands act once and are
   * not restored.
   */
  async restore(): Promise<DesiredDocument[]> {
    const documents: DesiredDocument[] = [];
    for (const type of ['settings', 'model', 'plan', 'training', 'weather'] as const) {
      const mark = await this.#markOf(type);
      if (!mark.ok || mark.value === null) continue;
      const { jws, inForce } = mark.value;
      for (const held of inForce === undefined ? [jws] : [inForce, jws]) {
        const document = await verifyDocument(held, await this.#keys(type));
        if (document.ok && document.value.type === type && document.value.gateway === this.#options.gateway) {
          documents.push(document.value);
        }
      }
    }
    return documents;
  }

  /** Describes the held documents: type, and the (epoch, sequence) that the next one must exceed. */
  async marks(): Promise<string[]> {
    const held: string[] = [];
    for (const type of ['plan', 'model', 'settings', 'command', 'training', 'weather'] as const) {
      const mark = await this.#markOf(type);
      if (mark.ok && mark.value !== null) held.push(`${type} (${mark.value.epoch}, ${mark.value.sequence})`);
    }
    return held;
  }

  /** Judges a document from the topic of `type`. */
  async receive(type: DocumentType, jws: string): Promise<Verdict> {
    const verified = await verifyDocument(jws, await this.#keys(type));
    if (!verified.ok) return { kind: 'rejected', fault: verified.fault, document: undefined };
    const document = verified.value;
    const judged = await this.#judge(type, document, jws);
    if (!judged.ok) return { kind: 'rejected', fault: judged.fault, document };
    return { kind: judged.value, document };
  }

  async #judge(type: DocumentType, document: DesiredDocument, jws: string): Promise<Outcome<'accepted' | 'held'>> {
    const { gateway, now, ring } = this.#options;
    const { generation } = ring;
    if (document.type !== type)
      return refused('LS-DOC-005', 'a {type} on the topic of a {expected}', { type: document.type, expected: type });
    if (document.gateway !== gateway)
      return refused('LS-DOC-004', 'for {gateway}; this is {own}', { gateway: document.gateway, own: gateway });
    const mark = await this.#markOf(type);
    if (!mark.ok) return mark;
    const { epoch, sequence } = document;
    const last = mark.value;
    const isLast = last?.epoch === epoch && last.sequence === sequence;
    const inForce = isLast ? last.inForce : inForceUntil(document, last, now());
    const candidate: Mark = { generation, epoch, sequence, jws, ...(inForce === undefined ? {} : { inForce }) };
    const isHeld = isLast && (last.jws === jws || saysTheSame(document, last));
    // A held document is kept under the current key generation.
    if (isHeld) return generation === (last.generation ?? 0) ? good('held') : this.#keep(type, candidate, 'held');
    if (last !== null && !isAbove(candidate, last)) {
      return refused('LS-DOC-002', '({epoch}, {sequence}) after ({lastEpoch}, {lastSequence})', {
        epoch,
        sequence,
        lastEpoch: last.epoch,
        lastSequence: last.sequence,
      });
    }
    if (last !== null && epoch > last.epoch + EPOCH_LEAP)
      return refused('LS-DOC-012', 'epoch {epoch} after {last}; up to {most} is taken', {
        epoch,
        last: last.epoch,
        most: last.epoch + EPOCH_LEAP,
      });
    return outOfTime(document, now()) ?? this.#keep(type, candidate, 'accepted');
  }

  async #keep<Kind>(type: DocumentType, mark: Mark, kind: Kind): Promise<Outcome<Kind>> {
    try {
      await this.#options.disk.replace(fileOf(type), new TextEncoder().encode(JSON.stringify(mark)));
    } catch (error) {
      return bad('LS-DOC-007', messageOf(error));
    }
    this.#marks.set(type, mark);
    return good(kind);
  }

  #keys(type: DocumentType): ReturnType<KeyRing['keys']> {
    return this.#options.ring.keys(type === 'model' ? 'models' : 'documents');
  }

  /** The last accepted document of a type; null: none yet. While the disk does not answer, nothing is accepted. */
  async #markOf(type: DocumentType): Promise<Outcome<Mark | null>> {
    const known = this.#marks.get(type);
    if (known !== undefined) return good(known);
    try {
      const bytes = await this.#options.disk.read(fileOf(type));
      const mark = bytes === undefined ? null : parseMark(bytes);
      this.#marks.set(type, mark);
      return good(mark);
    } catch (error) {
      return bad('LS-DOC-007', messageOf(error));
    }
  }
}

const fileOf = (type: DocumentType): string => `documents/${type}.json`;

function parseMark(bytes: Uint8Array): Mark | null {
  const limits = { code: 'LS-DOC-005', maxChars: 2 * MAX_DOCUMENT_CHARS + 1000 } as const;
  const parsed = parseJson(new TextDecoder().decode(bytes), limits);
  const checked = parsed.ok ? checkStored(parsed.value) : parsed;
  return checked.ok ? checked.value : null;
}

/**
 * A newer key list supersedes documents of keys that it ended, however high their numbers are. A key that the list keeps continues
 * its numbering: otherwise whoever owns the broker could replay what that key signed earlier.
 */
function isAbove({ generation = 0, epoch, sequence, jws }: Mark, last: Mark): boolean {
  const signer = signerOf(last);
  const isSameKey = signer === undefined || kidOf(jws) === signer;
  if (!isSameKey && generation !== (last.generation ?? 0)) return generation > (last.generation ?? 0);
  return epoch > last.epoch || (epoch === last.epoch && sequence > last.sequence);
}

/** The plan that goes on until the first step of a new plan; undefined if the new one begins at once. */
function inForceUntil(document: DesiredDocument, last: Mark | null, now: number): string | undefined {
  if (last === null || document.type !== 'plan' || planBegin(document) <= now) return undefined;
  const held = signerOf(last) === undefined ? undefined : readStoredDocument(last.jws);
  const hasBegun = held?.ok === true && held.value.type === 'plan' && planBegin(held.value) <= now;
  return hasBegun ? last.jws : last.inForce;
}

/** Undefined if the held document is damaged on the medium; its numbers still count. */
function signerOf({ jws }: Mark): string | undefined {
  try {
    return kidOf(jws);
  } catch {
    return undefined;
  }
}

/** Same content: the held document was compressed and this one is plain, or vice versa, or another key signed it. */
function saysTheSame(document: DesiredDocument, mark: Mark): boolean {
  if (signerOf(mark) === undefined) return false;
  const held = readStoredDocument(mark.jws);
  return held.ok && JSON.stringify(held.value) === JSON.stringify(document);
}

function outOfTime(document: DesiredDocument, now: number): ReturnType<typeof bad> | undefined {
  const { issuedAt, acceptUntil, validFrom, validUntil } = document;
  const at = (time: number): string => new Date(time).toISOString();
  const is = at(now);
  if (now > acceptUntil)
    return refused('LS-DOC-003', 'to be accepted until {until}; it is {now}', { until: at(acceptUntil), now: is });
  if (now >= validUntil)
    return refused('LS-DOC-003', 'valid until {until}; it is {now}', { until: at(validUntil), now: is });
  if (validUntil <= validFrom) return refused('LS-DOC-003', 'valid for no time at all; it is {now}', { now: is });
  if (issuedAt > now + SKEW_MS)
    return refused('LS-DOC-008', 'issued at {from}; it is {now}', { from: at(issuedAt), now: is });
  if (validFrom > now + EARLY_MS)
    return refused('LS-DOC-008', 'valid from {from}; it is {now}', { from: at(validFrom), now: is });
  return undefined;
}
