import { existsSync } from 'node:fs';
import { open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { publicHalf, type SigningKey } from '../../shared/codec/signed-document.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Turns } from '../../shared/time/turns.ts';
import {
  AuditSeal,
  FIRST_PREV,
  hashOf,
  type AuditCheckpoint,
  type AuditEntry,
  type AuditFacts,
} from './audit-entry.ts';
import type { AuditList, AuditPage } from './audit-list.ts';
import { canonicalJson } from './canonical-json.ts';
import { type AuditVerdict, checkpointOf, entryOf } from './verify-audit.ts';
import { verifyInWorker } from './verify-in-worker.ts';

const NEWLINE = 0x0a;

export interface AuditLogOptions {
  /** The list; its signed state stands beside it, see `checkpointFile`. */
  readonly file: string;
  readonly key: SigningKey;
  /** Machine time, ms UTC. */
  now(): number;
}

export const checkpointFile = (file: string): string => `${file}.checkpoint`;

/** Where a list ends. */
type End = Pick<AuditCheckpoint, 'n' | 'hash'>;

/**
 * The audit list as a file: a hash chain of signed entries, one a line. Each append signs the new state of the list. A list that was
 * tampered with is never repaired: it continues from the last signed state, so that `verifyAudit` always finds the breach.
 */
export class AuditLog implements AuditList {
  readonly #options: AuditLogOptions;
  readonly #seal: AuditSeal;
  /** Byte offset at which each line begins. */
  readonly #offsets: number[] = [];
  #verifying: Promise<AuditVerdict> | undefined;
  readonly #turns = new Turns();
  #handle: FileHandle | undefined;
  #size = 0;
  #end: End = { n: 0, hash: FIRST_PREV };

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#seal = new AuditSeal(options.key);
  }

  /** Opens the list and says what is wrong with its end, if anything is. */
  async open(): Promise<{ readonly broken: string | undefined }> {
    const { file } = this.#options;
    this.#handle = await open(file, 'a+', 0o600);
    const content = await readFile(file);
    // An incomplete line was being written at a power loss. Nobody was told that it is stored.
    this.#size = content.lastIndexOf(NEWLINE) + 1;
    if (this.#size < content.length) await this.#handle.truncate(this.#size);
    for (let at = 0; at < this.#size; at = content.indexOf(NEWLINE, at) + 1) this.#offsets.push(at);
    const last =
      this.#offsets.length === 0 ? undefined : entryOf(content.subarray(this.#offsets.at(-1), this.#size - 1));
    const signed = await this.#signedEnd();
    const broken = brokenEnd(last, signed);
    if (broken !== undefined && signed !== undefined) this.#end = signed;
    else if (typeof last === 'object') this.#end = { n: last.n, hash: hashOf(last) };
    if (this.#end.n === 0) await this.append({ who: 'cloud', what: 'audit.begin', outcome: 'done' });
    else if (broken !== undefined)
      await this.append({ who: 'cloud', what: 'audit.broken', why: broken, outcome: 'found' });
    return { broken };
  }

  /** What is being written is written first. */
  async close(): Promise<void> {
    await this.#turns.over();
    const handle = this.#handle;
    this.#handle = undefined;
    this.#offsets.length = 0;
    await handle?.close();
  }

  append(facts: AuditFacts): Promise<AuditEntry> {
    return this.#turns.take(() => this.#append(facts));
  }

  async #append(facts: AuditFacts): Promise<AuditEntry> {
    const handle = this.#opened();
    const at = this.#options.now();
    const n = this.#end.n + 1;
    const entry = this.#seal.entry(facts, { n, at, prev: this.#end.hash });
    const bytes = Buffer.from(`${canonicalJson(entry)}\n`);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } catch (error) {
      await handle.truncate(this.#size);
      throw new LoadstoneError('LS-STORE-001', `audit: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#offsets.push(this.#size);
    this.#size += bytes.length;
    this.#end = { n, hash: hashOf(entry) };
    await this.#keep(this.#seal.checkpoint({ ...this.#end, at }));
    return entry;
  }

  async list({ before = Number.MAX_SAFE_INTEGER, limit }: AuditPage): Promise<AuditEntry[]> {
    const found: AuditEntry[] = [];
    for (let line = this.#offsets.length - 1; line >= 0 && found.length < limit; line--) {
      const entry = await this.#entryAt(line);
      if (entry !== undefined && entry.n < before) found.push(entry);
    }
    return found;
  }

  async verify(): Promise<AuditVerdict> {
    const { file, key } = this.#options;
    this.#verifying ??= verifyInWorker({ file, checkpoint: checkpointFile(file), keys: [publicHalf(key)] }).finally(
      () => (this.#verifying = undefined),
    );
    return this.#verifying;
  }

  async #entryAt(line: number): Promise<AuditEntry | undefined> {
    const from = this.#offsets[line]!;
    const bytes = Buffer.alloc((this.#offsets[line + 1] ?? this.#size) - 1 - from);
    await this.#opened().read(bytes, 0, bytes.length, from);
    const entry = entryOf(bytes);
    return typeof entry === 'string' ? undefined : entry;
  }

  async #signedEnd(): Promise<End | undefined> {
    const file = checkpointFile(this.#options.file);
    return existsSync(file) ? checkpointOf(await readFile(file, 'utf8')) : undefined;
  }

  /** Replaces the signed state at once: whoever reads it sees the old one or the new one. */
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

/** A list may be one entry ahead of its signed state, after a power loss in between. Anything else is a breach. */
function brokenEnd(last: AuditEntry | string | undefined, signed: End | undefined): string | undefined {
  if (typeof last === 'string') return `the last entry: ${last}`;
  if (signed === undefined) return last === undefined || last.n === 1 ? undefined : 'the signed state is missing';
  if (last === undefined || last.n < signed.n)
    return `entries up to ${signed.n} were signed, ${last?.n ?? 0} are there`;
  if (last.n === signed.n && hashOf(last) === signed.hash) return undefined;
  if (last.n === signed.n + 1 && last.prev === signed.hash) return undefined;
  return `entry ${last.n} does not follow from what was signed`;
}
