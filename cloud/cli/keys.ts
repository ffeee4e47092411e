import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commandLine, subcommandOf, writeHelp, type Subcommand } from '../../shared/config/command-line.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import { keyRoles, readKeyList, signKeyList, type KeyRole } from '../../shared/pki/key-list.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { KeyBook, readSignedList } from '../pki/key-book.ts';
import { keyFiles, keyIn, makeKeys, readKey } from '../pki/key-files.ts';
import { handedOver, importList, listToSign, replaceLostRoot, rotateRole, sameKeys } from '../pki/rotate-keys.ts';
import { lockIfFree, machineNow, readText } from './data-folder.ts';
import { ownFolder } from './own-keys.ts';

const HELP = `usage: loadstone keys init
       loadstone keys list
       loadstone keys rotate ROLE [--offline]
       loadstone keys reroot --new-root-key FILE [--lost | --offline]
       loadstone keys sign FILE [--new-root-key FILE]
       loadstone keys import FILE

The signing keys of the cloud, one per role: documents (plans, settings, commands), models, online (heartbeats) and audit (audit list).
A root key signs the list of them. Gateways pin the root; once they have a newer list, they reject the replaced keys. The first start of
a cloud creates root, keys and list. The commands also work while the cloud runs; it follows within a second. Run them as its user.

  init     creates root, keys and list before the first start, so that the root key is never in the data folder
  list     shows the keys in force
  rotate   replaces the key of a role
           If the root key is kept on an offline machine: rotate --offline prints the list to sign, sign prints it signed on that
           machine, and import puts it in force here
  reroot   creates a new root, which the old one certifies: gateways follow, also those that are offline for now
           --offline prints what sign must sign with both root keys on an offline machine
           --lost works without the old root key, if it is lost or stolen: each gateway then keeps its present keys until
           "loadstone edge trust reset --keys trusted-keys.json" is run there

  --config FILE        configuration of the cloud, which names its data folder
  --data DIR           data folder of the cloud
  --root-key FILE      file of the root key (keys/root.json in the data folder); only init, rotate, reroot and sign need it: keep it offline
  --new-root-key FILE  reroot, sign: file of the next root key; created if missing
  --help               this text

examples:
  loadstone keys init --config /etc/loadstone/cloud.yaml --root-key /media/usb/keys-root.json
  loadstone keys list --config /etc/loadstone/cloud.yaml
  loadstone keys rotate online --config /etc/loadstone/cloud.yaml --root-key /media/usb/keys-root.json
  loadstone keys rotate documents --offline --config /etc/loadstone/cloud.yaml > /media/usb/list.json
  loadstone keys reroot --config /etc/loadstone/cloud.yaml --root-key /media/old/root.json --new-root-key /media/new/root.json
  loadstone keys sign /media/usb/list.json --root-key /root/keys-root.json > /media/usb/list.jws
  loadstone keys import /media/usb/list.jws --config /etc/loadstone/cloud.yaml

exit codes: 0 done, 1 failed, 2 configuration or usage
`;

interface Call {
  readonly data: string;
  /** Path of the root's key. */
  readonly rootKey: string;
  readonly operand: string;
  readonly newRootKey: string | undefined;
  readonly isOffline: boolean;
  readonly isLost: boolean;
}

const COMMANDS: Readonly<Record<string, Subcommand & { run(call: Call): Promise<string> }>> = {
  init: { operand: '', run: init },
  list: { operand: '', run: ({ data }) => shown(data) },
  rotate: { operand: `ROLE: ${keyRoles.join(', ')}`, run: rotate },
  reroot: { operand: '', run: reroot },
  sign: { operand: 'FILE', run: sign },
  import: { operand: 'FILE', run: importSigned },
};

/** Allowed on a standby, and without a cloud. */
const BESIDE: readonly string[] = ['list', 'sign'];

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 2, {
    config: { type: 'string' },
    data: { type: 'string' },
    'root-key': { type: 'string' },
    'new-root-key': { type: 'string' },
    offline: { type: 'boolean', default: false },
    lost: { type: 'boolean', default: false },
  });
  if (values.help) return writeHelp(HELP);
  const command = subcommandOf('keys', COMMANDS, positionals);
  if (command === 2) return command;
  const [name = '', operand = ''] = positionals;
  const { data } = await ownFolder(values, BESIDE.includes(name));
  const rootKey = resolve(values['root-key'] ?? keyFiles(data).root);
  const next = values['new-root-key'];
  process.stdout.write(
    await command.run({
      data,
      rootKey,
      operand,
      newRootKey: next === undefined ? undefined : resolve(next),
      isOffline: values.offline,
      isLost: values.lost,
    }),
  );
  return 0;
}

async function init({ data, rootKey }: Call): Promise<string> {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  await makeKeys(data, { root: rootKey, now: machineNow() });
  return `${await shown(data)}root key: ${rootKey}: needed again only for rotate, reroot and sign; keep it offline\n`;
}

async function shown(data: string): Promise<string> {
  const { list } = await readSignedList(data);
  const rows = keyRoles.map(
    (role) => `${role.padEnd(10)} ${list.roles[role].map(({ kid }) => kid).join('  before: ')}`,
  );
  const of = `generation ${list.generation}, signed ${new Date(list.issuedAt).toISOString()}`;
  return [of, `root       ${list.root.kid}`, ...rows, ''].join('\n');
}

async function rotate({ data, rootKey, operand, isOffline }: Call): Promise<string> {
  const role = keyRoles.find((each) => each === operand);
  if (role === undefined)
    throw new LoadstoneError('LS-CONFIG-002', `keys rotate ${operand}: expected ${keyRoles.join(', ')}`);
  if (isOffline) return `${JSON.stringify(await listToSign(data, role, machineNow()), null, 2)}\n`;
  await rotateRole(data, role, readKey(rootKey), machineNow());
  return done(data);
}

async function reroot({ data, rootKey, newRootKey, isOffline, isLost }: Call): Promise<string> {
  const list = await sameKeys(data, machineNow());
  if (isOffline && !isLost) return `${JSON.stringify(list, null, 2)}\n`;
  if (newRootKey === undefined)
    throw new LoadstoneError(
      'LS-CONFIG-002',
      'keys reroot: --new-root-key is missing: name the file of the next root key',
    );
  if (isLost) {
    await replaceLostRoot(data, await keyIn(newRootKey), machineNow());
    process.stderr.write(
      'The old root does not certify this one: copy trusted-keys.json to each gateway and run "loadstone edge trust reset --keys FILE" there.\n' +
        'Until then a gateway keeps its present keys; after the next rotation it rejects all plans, settings and commands.\n',
    );
    return done(data);
  }
  await importList(data, await handedOver(list, readKey(rootKey), await keyIn(newRootKey)));
  return done(data);
}

/** Runs on the machine that has the root's key; reads no data folder. */
async function sign({ rootKey, newRootKey, operand }: Call): Promise<string> {
  const root = readKey(rootKey);
  const list = unwrap(readKeyList(readText(operand)));
  if (list.root.x !== root.x)
    throw new LoadstoneError('LS-KEY-001', `${rootKey} is not the root key that ${operand} names`);
  const kids = keyRoles.map((role: KeyRole) => `${role} ${list.roles[role][0]!.kid}`);
  process.stderr.write(`generation ${list.generation}: ${kids.join(', ')}\n`);
  return `${newRootKey === undefined ? await signKeyList(list, root) : await handedOver(list, root, await keyIn(newRootKey))}\n`;
}

async function importSigned({ data, operand }: Call): Promise<string> {
  await importList(data, readText(operand).trim());
  return done(data);
}

/** A running cloud follows by itself; for a stopped one the audit entry is written here. */
async function done(data: string): Promise<string> {
  const lock = existsSync(join(data, 'audit.jsonl')) ? lockIfFree(data) : undefined;
  if (lock !== undefined)
    try {
      const keys = await KeyBook.open(data, machineNow());
      const file = join(data, 'audit.jsonl');
      const audit = new AuditLog({ file, ...keys.audit(), now: machineNow, onFailure: () => undefined });
      await audit.open();
      await audit.append({ who: 'operator of the machine', what: 'keys.list', to: keys.facts, outcome: 'done' });
      await audit.close();
    } finally {
      lock.release();
    }
  return shown(data);
}
