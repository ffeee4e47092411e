import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BackupKey } from '../../shared/backup/backup-key.ts';
import { passphraseFrom } from '../../shared/backup/passphrase.ts';
import { commandLine, misused, writeHelp } from '../../shared/config/command-line.ts';
import { replaceFile } from '../../shared/files/replace-file.ts';
import { lockFolder } from '../../shared/lock/folder-lock.ts';
import { inFile, LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { contentsOf, packed, type Backup } from '../backup/bundle.ts';
import { assertOwnJournal, memoryIn, placeOf, putAllBack, readContents } from '../backup/files.ts';
import { openBackup, sealBackup, sealedBytes } from '../backup/sealed-backup.ts';
import { loadConfig, parseConfig } from '../config/load.ts';
import { SOFTWARE } from '../gateway.ts';
import { DEFAULT_CONFIG, socketToAsk } from '../local/paths.ts';
import { askDaemon } from '../local/socket-client.ts';
import { HELP } from './help.ts';

const PREFIX = 'loadstone-';
const SUFFIX = '.backup.json';

/** `edge backup DIR` and `edge restore DIR|FILE`. */
export async function runBackup(name: 'backup' | 'restore', args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 1, {
    config: { type: 'string', default: DEFAULT_CONFIG },
    force: { type: 'boolean', default: false },
    'passphrase-file': { type: 'string' },
    unencrypted: { type: 'boolean', default: false },
  });
  const [place] = positionals;
  if (values.help) return writeHelp(HELP);
  if (place === undefined) return misused(`edge ${name}`, name === 'backup' ? 'give DIR' : 'give DIR or FILE');
  const { config, force, unencrypted } = values;
  const passphraseFile = values['passphrase-file'];
  return name === 'backup'
    ? backup(config, place, passphraseFile)
    : restore(config, place, { force, unencrypted, passphraseFile });
}

async function backup(configPath: string, folder: string, passphraseFile: string | undefined): Promise<number> {
  const config = loadConfig(configPath);
  if (config === undefined) throw new LoadstoneError('LS-CONFIG-003', `there is no file ${configPath} to back up`);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new LoadstoneError('LS-BACKUP-001', `${folder} is not a folder; is the drive mounted?`);
  const passphrase = await passphraseFrom(passphraseFile, true);
  const clock = new SystemClock(() => undefined);
  const contents = readContents(configPath, config);
  const whole: Backup = {
    version: 1,
    gateway: config.gateway.id,
    software: SOFTWARE,
    madeAt: Math.round(clock.machine.now()),
    files: contents.map(packed),
  };
  const file = join(folder, `${PREFIX}${config.gateway.id}${SUFFIX}`);
  const key = BackupKey.of(passphrase);
  const sealed = sealBackup(JSON.stringify(whole), whole.gateway, key);
  const verify = (text: string): void => void unwrap(contentsOf(openBackup(sealedBytes(text)!, key)));
  // An earlier backup stays until this one is whole.
  verify(sealed);
  replaceFile(file, sealed, { mode: 0o600 });
  verify(readFileSync(file, 'utf8'));
  process.stdout.write(`${file}: ${contents.length} files of ${config.gateway.id}, verified\n`);
  process.stdout.write('The passphrase opens it: keep the two apart. It does not contain the journal.\n');
  return 0;
}

interface RestoreWishes {
  readonly force: boolean;
  readonly unencrypted: boolean;
  readonly passphraseFile: string | undefined;
}

async function restore(configPath: string, place: string, wishes: RestoreWishes): Promise<number> {
  const file = fileAt(place);
  const text = await clearText(file, wishes);
  const { backup: whole, contents } = inFile(file, () => unwrap(contentsOf(text)));
  const yaml = Buffer.from(contents.find(({ kind }) => kind === 'config')!.bytes).toString('utf8');
  const config = parseConfig(yaml, `${file}: gateway.yaml`);
  const running = await askDaemon(socketToAsk(config), { op: 'status' }).then(
    () => true,
    () => false,
  );
  if (running) throw new LoadstoneError('LS-BACKUP-002', `${config.gateway.id} runs here; stop it first`);
  const moves = contents.flatMap((content) => {
    const path = placeOf(content, configPath, config);
    return path === undefined ? [] : [{ path, content }];
  });
  const [present] = [...moves, ...memoryIn(config)].filter(({ path }) => existsSync(path));
  if (present !== undefined && !wishes.force)
    throw new LoadstoneError('LS-BACKUP-002', `${present.path} already exists; --force replaces it`);
  const journal = config.journal.path;
  const now = new SystemClock(() => undefined).machine.now();
  const lock = existsSync(journal) ? lockFolder(journal, now) : undefined;
  try {
    assertOwnJournal(whole.gateway, config, configPath);
    putAllBack(moves, config);
  } finally {
    lock?.release();
  }
  process.stdout.write(
    `${whole.gateway}: restored ${moves.length} files, backed up ${new Date(whole.madeAt).toISOString()} by ${whole.software}\n` +
      'The gateway starts a new run of its journal; when it connects, the cloud sends the newest plan and settings.\n',
  );
  return 0;
}

/** The backup's text, decrypted with the passphrase. An unencrypted backup is not authenticated, so it needs --unencrypted. */
async function clearText(file: string, { unencrypted, passphraseFile }: RestoreWishes): Promise<string> {
  const text = readFileSync(file, 'utf8');
  const sealed = inFile(file, () => sealedBytes(text));
  if (sealed === undefined && unencrypted) return text;
  if (sealed === undefined)
    throw new LoadstoneError(
      'LS-BACKUP-001',
      `${file} is not encrypted: it comes from an older version, or from somebody else; --unencrypted restores it anyway`,
    );
  return openBackup(sealed, BackupKey.for(sealed, await passphraseFrom(passphraseFile, false)));
}

function fileAt(place: string): string {
  if (!existsSync(place)) throw new LoadstoneError('LS-BACKUP-001', `${place} does not exist`);
  if (!statSync(place).isDirectory()) return place;
  const found = readdirSync(place).filter((name) => name.startsWith(PREFIX) && name.endsWith(SUFFIX));
  if (found.length !== 1) {
    const why = found.length === 0 ? 'no backup' : `${found.length} backups (${found.join(', ')}): name one of them`;
    throw new LoadstoneError('LS-BACKUP-001', `${place} contains ${why}`);
  }
  return join(place, found[0]!);
}
