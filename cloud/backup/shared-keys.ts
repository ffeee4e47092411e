import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BackupKey } from '../../shared/backup/backup-key.ts';
import { writePrivate } from '../../shared/files/private-files.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { hasAuthority, pkiFiles } from '../pki/authority-files.ts';
import { keyFiles, KEYS_FOLDER, readList } from '../pki/key-files.ts';
import { mergedStandings, whileStandingsLocked, type Standings } from '../pki/standing.ts';
import { secretFiles } from './backup.ts';

/** Keys shared through a database: encrypted, with the folder that they are from. */
export interface Shared {
  readonly sealed: Uint8Array;
  readonly by: string;
}

/** File with a folder's id among those that share, and the origin of its keys. */
const NOTE = 'shared-keys.json';

interface Note {
  readonly folder: string;
  readonly from: 'here' | 'there';
}

interface SharedFiles {
  readonly version: 1;
  readonly files: Readonly<Record<string, string>>;
}

/** Whether a folder already has keys. */
export const hasKeys = (data: string): boolean => hasAuthority(data) || readList(data) !== undefined;

/**
 * Shares a cloud's signing keys and its authority with the standby on another machine, encrypted under a passphrase that both have, so that
 * the database or a dump of it reveals nothing. The root keys are not shared, because no running cloud needs them; files that each machine
 * makes for itself are not shared either.
 */
export class SharedKeys {
  readonly #data: string;
  readonly #passphrase: string;
  #key: BackupKey | undefined;
  /** Content of the folder when it was last shared. */
  #told: string | undefined;
  #taken: Uint8Array | undefined;

  constructor(data: string, passphrase: string) {
    this.#data = data;
    this.#passphrase = passphrase;
  }

  /** Shares the content of the folder if it has changed since last time. */
  async tell(share: (shared: Shared) => Promise<void>): Promise<void> {
    const text = this.#read();
    if (text === this.#told) return;
    this.#key ??= BackupKey.of(this.#passphrase);
    // Written first: otherwise another start might not recognise the shared keys as this folder's own.
    const { folder } = noteFrom(this.#data, 'here');
    await share({ sealed: this.#key.seal(Buffer.from(text)), by: folder });
    this.#told = text;
  }

  /** Content of the folder as text, which differs after any change. */
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
   * Stores another cloud's shared keys in the folder; ignores those last shared from this folder, which may have changed since. A gateway
   * revoked in either is revoked here. Returns those revoked only here, which the other cloud does not know of. Throws LS-STANDBY-002 for a
   * different passphrase.
   */
  take({ sealed, by }: Shared): string[] {
    if (by === notedIn(this.#data)?.folder || (this.#taken !== undefined && Buffer.compare(sealed, this.#taken) === 0))
      return [];
    const { files } = JSON.parse(Buffer.from(this.#open(sealed)).toString('utf8')) as SharedFiles;
    const { standing, issued } = pkiFiles(this.#data);
    // The key list comes last, so that the keys that it names are present.
    const last = keyFiles(this.#data).list;
    const paths = Object.entries(files).map(([name, text]) => [join(this.#data, name), text] as const);
    const there = paths.find(([path]) => path === standing)?.[1];
    const alone = whileStandingsLocked(this.#data, () => {
      const before = existsSync(standing) ? revokedAlone(readFileSync(standing, 'utf8'), there ?? '{}') : [];
      for (const [path, text] of paths.toSorted(([a], [b]) => Number(a === last) - Number(b === last))) {
        const own = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
        const next =
          own === undefined ? text : path === standing ? both(own, text) : path === issued ? later(own, text) : text;
        if (next !== own) writePrivate(path, next);
      }
      return before;
    });
    // Keys made here for a future list are void: the list in force is another cloud's.
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
      return this.#key.open(sealed, 'the shared keys');
    } catch {
      throw new LoadstoneError(
        'LS-STANDBY-002',
        'standby.passphraseFile: this passphrase does not decrypt the keys that the other cloud shares: use the same on both',
      );
    }
  }
}

/** Whether the keys in force are this folder's. `by`: the origin in the database; undefined: it has none, or does not answer. */
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

/** Gateways revoked only in our standings, or later than in theirs. */
function revokedAlone(own: string, theirs: string): string[] {
  const [ours, others] = [JSON.parse(own) as Standings, JSON.parse(theirs) as Standings];
  return Object.keys(ours).filter((id) => (ours[id]?.revokedAt ?? 0) > (others[id]?.revokedAt ?? 0));
}

/** The later of two times of issue: no certificate may have a later one than the file. */
function later(own: string, theirs: string): string {
  const until = (text: string): number => (JSON.parse(text) as { readonly until: number }).until;
  return until(own) > until(theirs) ? own : theirs;
}
