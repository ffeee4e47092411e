import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ChangeNotice } from '../../shared/files/change-notice.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { bad, LoadstoneError, type Fault } from '../../shared/outcome/outcome.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { parseUsers, type UserEntries } from './gateway-users.ts';

export interface UsersFileOptions {
  readonly file: string;
  readonly time: TimeBase;
  readonly onChange: (entries: UserEntries) => void;
  /** Called with a fault when the file cannot be read any more, with null when it can again. */
  readonly onFault: (fault: Fault | null) => void;
}

const isAway = (file: string): string =>
  formatMessage('LS-INGEST-020', 'there is no file {file}: gateways are let in by the last good one', { file });

const EACH_MS = 1000;
/** Without a change notice, the file is checked every ten seconds, because another machine may have written it. */
const LOOKS_UNASKED = 10;

/** Reads the users file at start, when it must exist. Throws LS-CONFIG-003; an empty file admits no one. */
export function readUsers(file: string): UserEntries {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const what = isMissing ? `there is no file ${resolve(file)}` : (error as Error).message;
    throw new LoadstoneError(
      'LS-CONFIG-003',
      `uplink.usersFile: ${what}; "loadstone edge passwd GATEWAY" prints a line for it; an empty file admits nobody`,
    );
  }
  return parseUsers(text, file);
}

/**
 * Follows the users file while the cloud runs. A change takes effect once the file has not changed for a second, so that a half-written
 * file is never used. While the file is missing or a line is wrong, the last good version stays in force and a fault is reported.
 */
export class UsersFile {
  readonly #options: UsersFileOptions;
  /** Marks of the file at the last check, and when it was last applied. */
  #seen = '';
  #taken = '';
  #isFaulty = false;
  #turns = 0;
  readonly #notice: ChangeNotice;
  #timer: Timer | undefined;

  constructor(options: UsersFileOptions) {
    this.#options = options;
    this.#notice = new ChangeNotice(options.file);
  }

  start(): void {
    this.#timer = every(this.#options.time, EACH_MS, () => this.#turn());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#notice.stop();
  }

  async #turn(): Promise<void> {
    const isSettled = this.#seen === this.#taken && !this.#isFaulty;
    if (this.#notice.take() || !isSettled || ++this.#turns % LOOKS_UNASKED === 0) await this.look();
  }

  async look(): Promise<void> {
    const { file, onChange, onFault } = this.#options;
    const mark = await this.#mark();
    const isSettled = mark === this.#seen;
    this.#seen = mark;
    if (!isSettled || mark === this.#taken) return;
    let entries: UserEntries;
    try {
      const text = await readFile(file, 'utf8');
      if ((await this.#mark()) !== mark) return;
      entries = parseUsers(text, file);
    } catch (error) {
      // A failed read (too many open files) may succeed later on the same file: it is retried, and reported once.
      const isRead = error instanceof LoadstoneError || mark === 'ENOENT';
      if (isRead || !this.#isFaulty)
        onFault(bad('LS-INGEST-020', mark === 'ENOENT' ? isAway(file) : messageOf(error)).fault);
      if (isRead) this.#taken = mark;
      this.#isFaulty = true;
      return;
    }
    this.#taken = mark;
    if (this.#isFaulty) onFault(null);
    this.#isFaulty = false;
    onChange(entries);
  }

  /** Changes whenever the file does. */
  async #mark(): Promise<string> {
    try {
      const { ino, size, mtimeNs, ctimeNs } = await stat(this.#options.file, { bigint: true });
      return [ino, size, mtimeNs, ctimeNs].join(' ');
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code);
    }
  }
}
