import { existsSync } from 'node:fs';
import { open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { publicHalf, type SigningKey } from '../../shared/codec/signed-document.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Turns } from '../../shared/time/turns.ts';
import { archive, archivedLines, replaced, syncFolder, SEAL, sealOf, type Seal } from './audit-archive.ts';
import {
  AuditSeal,
  FIRST_PREV,
  HANDED_OVER,
  hashOf,
  type AuditCheckpoint,
  type AuditEntry,
  type AuditFacts,
} from './audit-entry.ts';
import type { AuditList, AuditPage, WitnessedVerdict } from './audit-list.ts';
import { checkpointOf, entryOf, linesOf } from './audit-lines.ts';
import { canonicalJson } from './canonical-json.ts';
import { verifyInWorker } from './verify-in-worker.ts';

/** Some 2,000 entries. */
const ARCHIVE_AT_BYTES = 2 ** 20;

export interface AuditLogOptions {
  /** The list; its signed state is next to it, see `checkpointFile`. */
  readonly file: string;
  /** Signs new entries. */
  readonly key: SigningKey;
  /** Public keys that signed earlier entries. */
  readonly former?: readonly SigningKey[];
  /** File of an external witness; absent: none. */
  readonly witness?: string | undefined;
  /** Machine time, ms UTC. */
  now(): number;
  /** A longer list, in bytes, is archived; default 1 MB. */
  readonly archiveAt?: number;
  /** The list could not be archived. It keeps growing, and archiving is retried. */
  onFailure(error: unknown): void;
}

/** Maximum number of stops waiting to be written; more than this are no emergency. */
const MOST_WAITING = 1000;

export const checkpointFile = (file: string): string => `${file}.checkpoint`;

/** Last entry of a list. */
type End = Pick<AuditCheckpoint, 'n' | 'hash'>;

/**
 * The audit list as a file: a hash chain of signed entries, one per line. Each append signs the new state of the list. A list that was
 * tampered with is never repaired: it continues from the last signed state, so that `verifyAudit` always finds the breach. A long list is
 * archived, and the next list starts with a signed entry that seals the archive.
 */
export class AuditLog implements AuditList {
  readonly #options: AuditLogOptions;
  #key: SigningKey;
  #former: readonly SigningKey[];
  #seal: AuditSeal;
  #verifying: Promise<WitnessedVerdict> | undefined;
  readonly #turns = new Turns();
  #handle: FileHandle | undefined;
  #size = 0;
  /** Size in bytes at which the list is archived. */
  #cutAt: number;
  /** Seal of the archive before this list. */
  #sealed: Seal | undefined;
  /** Seal of the archive before each archive that was read. */
  readonly #before = new Map<string, Seal | undefined>();
  #end: End = { n: 0, hash: FIRST_PREV };
  /** Stops that were sent while the list could not be written, oldest first. */
  readonly #waiting: { readonly facts: AuditFacts; readonly at: number }[] = [];
  /** Bytes after `#size` were never accepted and could not be truncated yet. */
  #isTorn = false;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#key = options.key;
    this.#former = options.former ?? [];
    this.#seal = new AuditSeal(options.key);
    this.#cutAt = options.archiveAt ?? ARCHIVE_AT_BYTES;
  }

  /** Opens the list; returns what is wrong with its end, if anything. */
  async open(): Promise<{ readonly broken: string | undefined }> {
    const { file } = this.#options;
    this.#handle = await open(file, 'a+', 0o600);
    const content = await readFile(file);
    const { lines, rest } = linesOf(content);
    // A power loss left an incomplete line, which was never acknowledged.
    this.#size = content.length - rest.length;
    if (rest.length > 0) await this.#handle.truncate(this.#size);
    const line = lines.at(-1);
    const last = line && entryOf(line);
    this.#sealed = sealOf(content);
    const signed = await this.#signedEnd();
    const broken = brokenEnd(last, signed);
    if (broken !== undefined && signed !== undefined) this.#end = signed;
    else if (typeof last === 'object') this.#end = { n: last.n, hash: hashOf(last) };
    if (this.#end.n === 0) await this.append({ who: 'cloud', what: 'audit.begin', outcome: 'done' });
    else if (broken !== undefined)
      await this.append({ who: 'cloud', what: 'audit.broken', why: broken, outcome: 'found' });
    else if (typeof last === 'object' && last.kid !== this.#key.kid) await this.append(this.#handedOver(last.kid));
    else await this.#turns.take(() => this.#cutWhereLong());
    return { broken };
  }

  /** Switches to another key. Its first entry says so and ends what the previous key could add. */
  async takeKey(key: SigningKey, former: readonly SigningKey[]): Promise<void> {
    if (key.kid === this.#key.kid) return;
    await this.#turns.take(async () => {
      const [before, ofBefore, seal] = [this.#key, this.#former, this.#seal];
      [this.#key, this.#former, this.#seal] = [key, [...former, publicHalf(before)], new AuditSeal(key)];
      try {
        await this.#append(this.#handedOver(before.kid));
      } catch (error) {
        // Without that entry nothing would later vouch for the previous key, which therefore stays in use until the write succeeds.
        [this.#key, this.#former, this.#seal] = [before, ofBefore, seal];
        throw error;
      }
    });
  }

  /** Names the previous key: once the root's list drops it, only this entry vouches for it. */
  #handedOver(before: string): AuditFacts {
    const { kid, x } = this.#former.find((each) => each.kid === before) ?? {};
    const from = kid === undefined ? undefined : { kid, x };
    return { who: 'cloud', what: HANDED_OVER, from, to: this.#key.kid, outcome: 'done' };
  }

  /** Finishes pending writes first. */
  async close(): Promise<void> {
    await this.settle().catch((error: unknown) => this.#options.onFailure(error));
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  append(facts: AuditFacts): Promise<AuditEntry> {
    return this.#turns.take(async () => {
      await this.#writeWaiting();
      return this.#append(facts);
    });
  }

  appendStop(facts: AuditFacts): Promise<void> {
    return this.#turns.take(async () => {
      try {
        await this.#writeWaiting();
        await this.#append(facts);
      } catch (error) {
        if (this.#waiting.length >= MOST_WAITING) throw error;
        this.#waiting.push({ facts, at: this.#options.now() });
        this.#options.onFailure(error);
      }
    });
  }

  /** Number of stops that were sent but are not written yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Writes the waiting stops. Throws LS-STORE-001 if that fails. */
  settle(): Promise<void> {
    return this.#turns.take(() => this.#writeWaiting());
  }

  async #writeWaiting(): Promise<void> {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { facts, at } = next;
      await this.#append({ ...facts, from: { writtenLate: true, doneAt: new Date(at).toISOString() } });
      this.#waiting.shift();
    }
  }

  async #append(facts: AuditFacts): Promise<AuditEntry> {
    const handle = this.#opened();
    if (this.#isTorn) await this.#cutOff(handle);
    const at = this.#options.now();
    const n = this.#end.n + 1;
    const entry = this.#seal.entry(facts, { n, at, prev: this.#end.hash });
    const bytes = Buffer.from(`${canonicalJson(entry)}\n`);
    const end = { n, hash: hashOf(entry) };
    try {
      await handle.writeFile(bytes);
      await handle.sync();
      // If the checkpoint cannot be stored, the entry is removed too: entries beyond the signed state would look like a breach.
      await this.#keep(this.#seal.checkpoint({ ...end, at }));
    } catch (error) {
      this.#isTorn = true;
      // A read-only disk cannot truncate either; the next append retries first.
      await this.#cutOff(handle).catch(() => undefined);
      throw new LoadstoneError('LS-STORE-001', `audit: ${messageOf(error)}`);
    }
    this.#size += bytes.length;
    this.#end = end;
    await this.#cutWhereLong();
    return entry;
  }

  async #cutOff(handle: FileHandle): Promise<void> {
    try {
      await handle.truncate(this.#size);
    } catch (error) {
      throw new LoadstoneError('LS-STORE-001', `audit: ${messageOf(error)}`);
    }
    this.#isTorn = false;
  }

  /** A failed archive blocks nothing: the list grows by another half before the next attempt. */
  async #cutWhereLong(): Promise<void> {
    const { archiveAt = ARCHIVE_AT_BYTES } = this.#options;
    if (this.#size <= this.#cutAt) return;
    try {
      await this.#cut();
      this.#cutAt = archiveAt;
    } catch (error) {
      this.#cutAt = this.#size + archiveAt / 2;
      this.#options.onFailure(error);
    }
  }

  /**
   * The archive is durable before the list is replaced by its seal. A kill in between leaves an unnamed archive, which the next start
   * overwrites.
   */
  async #cut(): Promise<void> {
    const { file } = this.#options;
    const { n, hash } = this.#end;
    const list = (await readFile(file)).subarray(0, this.#size);
    const seal = await archive(list, file, { first: (this.#sealed?.last ?? 0) + 1, last: n, hash });
    const at = this.#options.now();
    const entry = this.#seal.entry(
      { who: 'cloud', what: SEAL, to: seal, outcome: 'done' },
      { n: n + 1, at, prev: hash },
    );
    const bytes = Buffer.from(`${canonicalJson(entry)}\n`);
    const old = this.#opened();
    this.#handle = await replaced(file, bytes);
    this.#before.set(seal.file, this.#sealed);
    this.#sealed = seal;
    this.#size = bytes.length;
    this.#end = { n: n + 1, hash: hashOf(entry) };
    await old.close();
    await syncFolder(file);
    await this.#keep(this.#seal.checkpoint({ ...this.#end, at }));
  }

  async list({ before = Number.MAX_SAFE_INTEGER, limit }: AuditPage): Promise<AuditEntry[]> {
    const content = await readFile(this.#options.file);
    const found = newest(linesOf(content).lines, { before, limit });
    let seal = sealOf(content);
    while (seal !== undefined && found.length < limit) {
      const { file, first }: Seal = seal;
      if (first >= before && this.#before.has(file)) {
        seal = this.#before.get(file);
        continue;
      }
      const lines = await archivedLines(join(dirname(this.#options.file), file));
      found.push(...newest(lines, { before, limit: limit - found.length }));
      seal = lines[0] && sealOf(lines[0]);
      if (lines.length > 0) this.#before.set(file, seal);
    }
    return found;
  }

  async verify(): Promise<WitnessedVerdict> {
    const { file, witness } = this.#options;
    const keys = [publicHalf(this.#key), ...this.#former];
    const evidence = { file, checkpoint: checkpointFile(file), keys, current: this.#key.kid, witness };
    this.#verifying ??= verifyInWorker(evidence).finally(() => (this.#verifying = undefined));
    return this.#verifying;
  }

  async #signedEnd(): Promise<End | undefined> {
    const file = checkpointFile(this.#options.file);
    return existsSync(file) ? checkpointOf(await readFile(file, 'utf8')) : undefined;
  }

  /** Replaces the signed state atomically. */
  async #keep(checkpoint: AuditCheckpoint): Promise<void> {
    const file = checkpointFile(this.#options.file);
    await writeFile(`${file}.part`, `${canonicalJson(checkpoint)}\n`, { mode: 0o600, flush: true });
    await rename(`${file}.part`, file);
  }

  #opened(): FileHandle {
    if (this.#handle === undefined) throw new LoadstoneError('LS-STORE-001', 'the audit log is not open');
    return this.#handle;
  }
}

/** After a power loss the list may be one entry ahead of its signed state. Anything else is a breach. */
function brokenEnd(last: AuditEntry | string | undefined, signed: End | undefined): string | undefined {
  if (typeof last === 'string') return `the last entry: ${last}`;
  if (signed === undefined) return last === undefined || last.n === 1 ? undefined : 'the signed state is missing';
  if (last === undefined || last.n < signed.n)
    return `entries up to ${signed.n} were signed, only ${last?.n ?? 0} are there`;
  if (last.n === signed.n && hashOf(last) === signed.hash) return undefined;
  if (last.n === signed.n + 1 && last.prev === signed.hash) return undefined;
  return `entry ${last.n} does not follow from the signed state`;
}

/** The line of an entry follows from its number, so the lines after it are not read. Where that fails, the list is damaged: all are read. */
function newest(lines: readonly Uint8Array[], { before, limit }: Required<AuditPage>): AuditEntry[] {
  const entryAt = (at: number): AuditEntry | string | undefined => lines[at] && entryOf(lines[at]);
  const first = entryAt(0);
  if (typeof first === 'object' && first.n >= before) return [];
  const next = typeof first === 'object' ? before - first.n : lines.length;
  const end = entryAt(next);
  const found: AuditEntry[] = [];
  const isInPlace = typeof end === 'object' && end.n === before;
  for (let at = (isInPlace ? next : lines.length) - 1; at >= 0 && found.length < limit; at--) {
    const entry = entryAt(at);
    if (typeof entry === 'object' && entry.n < before) found.push(entry);
  }
  return found;
}
