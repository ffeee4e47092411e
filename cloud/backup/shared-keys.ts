import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BackupKey } from '../../shared/backup/backup-key.ts';
import { writePrivate } from '../../shared/files/private-files.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { hasAuthority, pkiFiles } from '../pki/authority-files.ts';
import { keyFiles, KEYS_FOLDER, readList } from '../pki/key-files.ts';
import { mergedStandings, type Standings } from '../pki/standing.ts';
import { secretFiles } from './backup.ts';

/** What a database keeps of keys: sealed, and the folder that they are of. */
export interface Shared {
  readonly sealed: Uint8Array;
  readonly by: string;
}

/** Names a folder among those that share, and says where its keys are from. */
const NOTE = 'shared-keys.json';

interface Note {
  readonly folder: string;
  readonly from: 'here' | 'there';
}

interface SharedFiles {
  readonly version: 1;
  readonly files: Readonly<Record<string, string>>;
}

/** Whether a folder has keys of its own already. */
export const hasKeys = (data: string): boolean => hasAuthority(data) || readList(data) !== undefined;

/**
 * What a cloud signs with and lets gateways in by, for the cloud on another machine that takes over: sealed under a passphrase that both
 * have, so that whoever reads the database or a dump of it has none of it. The keys of the roots are not among them, as no cloud needs
 * them to run; nor is what each machine makes for itself.
 */
export class SharedKeys {
  readonly #data: string;
  readonly #passphrase: string;
  #key: BackupKey | undefined;
  /** As the folder was when it was shared last. */
  #told: string | undefined;
  #taken: Uint8Array | undefined;

  /** `data`: the folder. */
  constructor(data: string, passphrase: string) {
    this.#data = data;
    this.#passphrase = passphrase;
  }

  /** Shares what the folder has, where that is not what was shared last. */
  async tell(share: (shared: Shared) => Promise<void>): Promise<void> {
    const text = this.#read();
    if (text === this.#told) return;
    this.#key ??= BackupKey.of(this.#passphrase);
    // Before: nobody is to find its keys there, and it not to know that they are its own.
    const { folder } = noteFrom(this.#data, 'here');
    await share({ sealed: this.#key.seal(Buffer.from(text)), by: folder });
    this.#told = text;
  }

  /** What the folder has: another text as soon as any of it is another. */
  #read(): string {
    const { server, rootKey } = pkiFiles(this.#data);
    const left = [server, rootKey, keyFiles(this.#data).root];
    const names = secretFiles(this.#data)
      .filter((name) => !left.includes(join(this.#data, name)))
      .toSorted();
    const files = names.map((name) => [name, readFileSync(join(this.#data, name), 'utf8')] as const);
    return JSON.stringify({ version: 1, files: Object.fromEntries(files) } satisfies SharedFiles);
  }

  /**
   * Puts what another cloud has shared into the folder; what was shared from this folder last leaves it as it is, as it may have changed
   * since. A gateway that is revoked here or there is revoked in this folder. Answers with those that are revoked here alone: whoever
   * shares does not know of them. Throws LS-STANDBY-002 where the passphrase is another.
   */
  take({ sealed, by }: Shared): string[] {
    if (by === notedIn(this.#data)?.folder || (this.#taken !== undefined && Buffer.compare(sealed, this.#taken) === 0))
      return [];
    const { files } = JSON.parse(Buffer.from(this.#open(sealed)).toString('utf8')) as SharedFiles;
    const { standing, issued } = pkiFiles(this.#data);
    // The list of the keys comes last: what it names is there then.
    const last = keyFiles(this.#data).list;
    const paths = Object.entries(files).map(([name, text]) => [join(this.#data, name), text] as const);
    const there = paths.find(([path]) => path === standing)?.[1];
    const alone = existsSync(standing) ? revokedAlone(readFileSync(standing, 'utf8'), there ?? '{}') : [];
    for (const [path, text] of paths.toSorted(([a], [b]) => Number(a === last) - Number(b === last))) {
      const own = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
      const next =
        own === undefined ? text : path === standing ? both(own, text) : path === issued ? later(own, text) : text;
      if (next !== own) writePrivate(path, next);
    }
    // A key that a list to come was to name, made here before: the list in force is another one's.
    const { folder } = keyFiles(this.#data);
    for (const name of existsSync(folder) ? readdirSync(folder) : [])
      if (name.endsWith('.next.json') && files[join(KEYS_FOLDER, name)] === undefined) rmSync(join(folder, name));
    noteFrom(this.#data, 'there');
    this.#taken = sealed;
    return alone;
  }

  #open(sealed: Uint8Array): Uint8Array {
    this.#key = BackupKey.for(sealed, this.#passphrase);
    try {
      return this.#key.open(sealed, 'what is shared');
    } catch {
      throw new LoadstoneError(
        'LS-STANDBY-002',
        'standby.passphraseFile: the keys that the other cloud shares do not open with this passphrase: give both the same',
      );
    }
  }
}

/** Whether the keys that count are those of this folder. `by`: of what the database keeps; undefined: it keeps none, or does not answer. */
export function isSharedFrom(data: string, by: string | undefined): boolean {
  const noted = notedIn(data);
  if (noted === undefined) return by === undefined;
  return by === undefined ? noted.from === 'here' : noted.folder === by;
}

function notedIn(data: string): Note | undefined {
  const file = join(data, NOTE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Note) : undefined;
}

function noteFrom(data: string, from: Note['from']): Note {
  const noted = notedIn(data);
  const note: Note = { folder: noted?.folder ?? randomUUID(), from };
  if (noted?.from !== from) writePrivate(join(data, NOTE), `${JSON.stringify(note)}\n`);
  return note;
}

const both = (own: string, theirs: string): string =>
  `${JSON.stringify(mergedStandings(JSON.parse(own) as Standings, JSON.parse(theirs) as Standings), null, 2)}\n`;

/** Gateways that are revoked by one's own word and not, or not yet for so long, by theirs. */
function revokedAlone(own: string, theirs: string): string[] {
  const [ours, others] = [JSON.parse(own) as Standings, JSON.parse(theirs) as Standings];
  return Object.keys(ours).filter((id) => (ours[id]?.revokedAt ?? 0) > (others[id]?.revokedAt ?? 0));
}

/** The later one of two times of issue: no certificate says a later one than the file does. */
function later(own: string, theirs: string): string {
  const until = (text: string): number => (JSON.parse(text) as { readonly until: number }).until;
  return until(own) > until(theirs) ? own : theirs;
}
