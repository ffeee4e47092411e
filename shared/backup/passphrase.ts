import { readFileSync } from 'node:fs';
import { messageOf } from '../outcome/message-of.ts';
import { LoadstoneError } from '../outcome/outcome.ts';

const LEAST = 12;

/**
 * Reads the passphrase of a backup from the first line of a file, or from the terminal without echo. It is never an argument, because every
 * user of the machine can read the arguments of a process.
 */
export async function passphraseFrom(file: string | undefined, twice: boolean): Promise<string> {
  const passphrase = file === undefined ? await typed(twice) : firstLine(file);
  if (passphrase.length < LEAST)
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `the passphrase has ${passphrase.length} characters; it needs at least ${LEAST}`,
    );
  return passphrase;
}

function firstLine(file: string): string {
  try {
    // Some editors write a byte order mark first, which nobody could type.
    return readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)[0]!;
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `--passphrase-file ${file}: ${messageOf(error)}`);
  }
}

async function typed(twice: boolean): Promise<string> {
  if (!process.stdin.isTTY)
    throw new LoadstoneError(
      'LS-CONFIG-002',
      'there is no terminal to ask for the passphrase: name its file with --passphrase-file',
    );
  const first = await ask('passphrase of the backup: ');
  if (twice && (await ask('repeat the passphrase: ')) !== first)
    throw new LoadstoneError('LS-CONFIG-002', 'the two passphrases differ');
  return first;
}

/** Reads one line without echo. */
function ask(what: string): Promise<string> {
  const { stdin, stderr } = process;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let line = '';
  stderr.write(what);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  const done = (): void => {
    stdin.off('data', hear);
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  };
  const hear = (text: string): void => {
    for (const letter of text) {
      if (letter === '\r' || letter === '\n' || letter === '\u0004') {
        done();
        return resolve(line);
      }
      if (letter === '\u0003') {
        done();
        return reject(new LoadstoneError('LS-CONFIG-002', 'no passphrase was given'));
      }
      line = letter === '\u007f' ? line.slice(0, -1) : line + letter;
    }
  };
  stdin.on('data', hear);
  return promise;
}
