import { existsSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commandLine, misused, writeHelp } from '../../shared/config/command-line.ts';
import { replaceFile } from '../../shared/files/replace-file.ts';
import { lockFolder } from '../../shared/lock/folder-lock.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import { followKeyLists, readPinnedKeys, type PinnedKeys } from '../../shared/pki/key-list.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { putBack } from '../backup/files.ts';
import { loadConfig } from '../config/load.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { NodeDisk } from '../journal/node-disk.ts';
import { DEFAULT_CONFIG, readText } from '../local/paths.ts';
import { keysFileOf, trustedKeys } from '../trusted-keys.ts';
import { Documents } from '../uplink/documents.ts';
import { HEARTBEAT_FILE } from '../uplink/heartbeat-gate.ts';
import { KEYS_FILE, KeyRing } from '../uplink/key-ring.ts';
import { RESET_FILE, words, type TrustReset } from '../uplink/trust-reset.ts';
import { HELP } from './help.ts';

/** `edge trust reset`: only for root of this machine, while the gateway is stopped. */
export async function runTrust(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 1, {
    config: { type: 'string', default: DEFAULT_CONFIG },
    keys: { type: 'string' },
    reason: { type: 'string' },
  });
  const { keys, reason } = values;
  if (values.help) return writeHelp(HELP);
  if (positionals[0] !== 'reset') return misused('edge trust', 'give reset');
  if (reason === undefined || reason.trim() === '')
    return misused('edge trust reset', 'give --reason TEXT; it is reported to the cloud');
  if (process.getuid?.() !== 0)
    throw new LoadstoneError('LS-KEY-002', 'only root may reset the trust of the gateway; use sudo');
  const config = loadConfig(values.config);
  if (config === undefined) throw new LoadstoneError('LS-CONFIG-003', `there is no file ${values.config}`);
  const record = await resetTrust(config, {
    keysFile: keys,
    who: process.env['SUDO_USER'] ?? 'root',
    reason: reason.trim().slice(0, 200),
    now: new SystemClock(() => undefined).machine.now(),
  });
  process.stdout.write(`${config.gateway.id}: ${words(record)}\n`);
  process.stdout.write('The next start reports this to the cloud. Start it now: "systemctl start loadstone-edge".\n');
  return 0;
}

export interface ResetWishes {
  /** trusted-keys.json of the cloud to trust; undefined: keep the pinned one. */
  readonly keysFile: string | undefined;
  readonly who: string;
  readonly reason: string;
  /** Machine time, ms UTC. */
  readonly now: number;
}

/**
 * Makes a gateway trust only the pinned keys: newer key lists, documents and their marks are removed. LS-KEY-002 if the keys are
 * invalid, LS-DATA-001 if the gateway runs.
 */
export async function resetTrust(config: GatewayConfig, wishes: ResetWishes): Promise<TrustReset> {
  const file = keysFileOf(config);
  if (file === undefined)
    throw new LoadstoneError('LS-CONFIG-002', 'trust.keysFile is missing; give the path for trusted-keys.json');
  const pinned = wishes.keysFile === undefined ? undefined : await readGiven(wishes.keysFile);
  const journal = config.journal.path;
  const lock = lockFolder(journal, wishes.now);
  try {
    const disk = new NodeDisk(journal);
    const pins = trustedKeys(file, []);
    const ring = new KeyRing(pins, disk);
    await ring.load();
    const marks = await new Documents({ disk, gateway: config.gateway.id, ring, now: () => wishes.now }).marks();
    const from = ring.root ?? 'none';
    const to = pinned === undefined ? rootOf(pins) : rootOf(pinned.keys);
    const record: TrustReset = { who: wishes.who, reason: wishes.reason, from, to, marks };
    // Written first, so that a reset interrupted by a power cut is reported too.
    putBack(join(journal, RESET_FILE), { kind: 'state', name: RESET_FILE, bytes: Buffer.from(JSON.stringify(record)) });
    if (pinned !== undefined) putPinned(file, pinned.text);
    // An older cloud signs no heartbeats, so all of its heartbeats would be refused.
    const gone = [
      KEYS_FILE,
      'documents',
      ...(pinned?.keys.pinned === undefined && pinned !== undefined ? [HEARTBEAT_FILE] : []),
    ];
    for (const name of gone) rmSync(join(journal, name), { recursive: true, force: true });
    return record;
  } finally {
    lock.release();
  }
}

const rootOf = ({ pinned, keys }: PinnedKeys): string => pinned?.root.kid ?? keys[0]?.kid ?? 'none';

async function readGiven(file: string): Promise<{ readonly text: string; readonly keys: PinnedKeys }> {
  const read = readText(file);
  if ('why' in read) throw new LoadstoneError('LS-CONFIG-003', `--keys ${file}: ${read.why}`);
  const keys = readPinnedKeys(read.text);
  const list =
    keys.ok && keys.value.pinned !== undefined
      ? await followKeyLists(keys.value.pinned.list, keys.value.pinned.root)
      : undefined;
  if (!keys.ok || list?.ok === false)
    throw new LoadstoneError(
      'LS-KEY-002',
      `--keys ${file}: expected trusted-keys.json of the cloud, with a list signed by its root`,
    );
  return { text: read.text, keys: unwrap(keys) };
}

/** Writes public keys: owned like the folder or the previous file, readable by everyone. */
function putPinned(file: string, text: string): void {
  replaceFile(file, text, { mode: 0o644, owner: statSync(existsSync(file) ? file : dirname(file)) });
}
