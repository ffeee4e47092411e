import type { SigningKey } from '../../shared/codec/signed-document.ts';
import { sealsBefore, sha256Of, unpacked, type Archives } from './audit-archive.ts';
import { type AuditCheckpoint, type AuditEntry, FIRST_PREV, hashOf, signatureCheck } from './audit-entry.ts';
import { withVouchedFor } from './former-keys.ts';
import { checkpointOf, entryOf, linesOf } from './audit-lines.ts';

/** The first difference: its line (from 1) and what is wrong there. */
export interface AuditProblem {
  /** The archive that contains the line; absent: the list itself. */
  readonly archive?: string;
  readonly line: number;
  readonly why: string;
}

export interface AuditVerdict {
  /** Entries that are intact, up to the first problem. */
  readonly entries: number;
  readonly problem: AuditProblem | undefined;
}

export interface AuditEvidence {
  /** The list, one entry per line. */
  readonly log: Uint8Array;
  /** Absent: nothing was ever archived. */
  readonly archives?: Archives;
  /** Signed states of the list as JSON: the one next to it, and any kept elsewhere. */
  readonly checkpoints: readonly string[];
  readonly keys: readonly SigningKey[];
  /** Id of the key that signs now; the others signed earlier entries. Absent: any key may have signed any entry. */
  readonly current?: string | undefined;
}

/**
 * Verifies a list with its archives against hash chain, signatures and checkpoints. An edited, added or moved entry breaks chain or
 * signature at its line. The seal after an archive reveals any change of the archive. The checkpoint reveals truncation. A checkpoint kept
 * elsewhere reveals a list that was rolled back together with its own checkpoint. A former key cannot end a list.
 */
export function verifyAudit({
  log,
  archives = () => undefined,
  checkpoints,
  keys,
  current,
}: AuditEvidence): AuditVerdict {
  const sealed = sealsBefore(log, archives);
  const newestFirst = [
    () => log,
    ...sealed.toReversed().map(
      ({ file }) =>
        () =>
          unpacked(archives(file)),
    ),
  ];
  const chain = new Chain(withVouchedFor(keys, newestFirst), checkpoints);
  const verdict = (problem?: AuditProblem): AuditVerdict => ({ entries: chain.end.n, problem });
  for (const { file: archive, ...seal } of sealed) {
    const packed = archives(archive);
    const list = unpacked(packed);
    if (packed === undefined || list === undefined)
      return verdict({
        archive,
        line: 1,
        why: packed === undefined ? 'the archive is missing' : 'the archive cannot be unpacked',
      });
    const problem = chain.follow(list);
    if (problem !== undefined) return verdict({ archive, ...problem });
    const { n, hash } = chain.end;
    if (seal.last !== n || seal.hash !== hash || seal.sha256 !== sha256Of(packed))
      return verdict({ archive, line: linesOf(list).lines.length, why: 'the archive does not match its seal' });
  }
  const { length } = linesOf(log).lines;
  return verdict(chain.follow(log) ?? chain.against(checkpoints, length) ?? chain.endsBy(current, length));
}

/** Verifies a list entry by entry. */
class Chain {
  end: Pick<AuditCheckpoint, 'n' | 'hash'> & { readonly kid?: string } = { n: 0, hash: FIRST_PREV };
  readonly #isSigned: ReturnType<typeof signatureCheck>;
  /** Hashes of the entries that checkpoints name. */
  readonly #hashes = new Map<number, string | undefined>();

  constructor(keys: readonly SigningKey[], checkpoints: readonly string[]) {
    this.#isSigned = signatureCheck(keys);
    for (const text of checkpoints) this.#hashes.set(checkpointOf(text)?.n ?? 0, undefined);
  }

  /** Continues with the next part of the list. */
  follow(list: Uint8Array): AuditProblem | undefined {
    const { lines, rest } = linesOf(list);
    for (const [at, bytes] of lines.entries()) {
      const entry = entryOf(bytes);
      const why = typeof entry === 'string' ? entry : this.#take(entry);
      if (why !== undefined) return { line: at + 1, why };
    }
    return rest.length > 0 ? { line: lines.length + 1, why: 'the last line is cut off' } : undefined;
  }

  against(checkpoints: readonly string[], lines: number): AuditProblem | undefined {
    const behind = (why: string): AuditProblem => ({ line: lines + 1, why });
    if (checkpoints.length === 0) return behind('there is no checkpoint: nothing says where the list ends');
    for (const text of checkpoints) {
      const checkpoint = checkpointOf(text);
      if (checkpoint === undefined || !this.#isSigned('checkpoint', checkpoint))
        return behind('the signature of a checkpoint does not verify');
      const { n, hash } = checkpoint;
      if (n > this.end.n) return behind(`entries ${this.end.n + 1} to ${n} are missing: the list was cut off`);
      if (this.#hashes.get(n) !== hash)
        return { line: Math.max(1, lines - (this.end.n - n)), why: `entry ${n} differs from the checkpoint` };
    }
    return undefined;
  }

  /** A former key may have signed entries, but not the last one. */
  endsBy(current: string | undefined, lines: number): AuditProblem | undefined {
    const { n, kid } = this.end;
    if (current === undefined || kid === current) return undefined;
    return { line: lines, why: `entry ${n} ends the list but is not signed by the current audit key` };
  }

  #take(entry: AuditEntry): string | undefined {
    const { n, prev } = entry;
    const expected = this.end.n + 1;
    if (n > expected) return `entry ${n} stands where ${expected} should: entries are missing or moved`;
    if (n < expected) return `entry ${n} stands where ${expected} should: it is repeated or moved`;
    if (prev !== this.end.hash) return `entry ${n} does not follow from the entry before`;
    if (!this.#isSigned('entry', entry)) return `entry ${n} is not signed by a known key`;
    this.end = { n, hash: hashOf(entry), kid: entry.kid };
    if (this.#hashes.has(n)) this.#hashes.set(n, this.end.hash);
    return undefined;
  }
}
