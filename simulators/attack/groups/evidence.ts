import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditLog, checkpointFile } from '../../../cloud/audit/audit-log.ts';
import type { SigningKey } from '../../../shared/codec/signed-document.ts';
import { judged, refused, succeeded, type Attack, type Group } from '../attack.ts';
import { now } from '../held-gateway.ts';
import type { CloudProcess } from '../stage.ts';
import { ran } from '../started.ts';

const REQUIREMENTS = ['CR 2.8', 'CR 2.12', 'CR 3.9', 'CR 6.1'];

const AUDIT = 'audit.jsonl';

/** Changes a copy of the audit log and verifies it. */
const changed = (
  name: string,
  title: string,
  at: RegExp,
  change: (file: string, key: SigningKey) => Promise<void> | void,
): Attack => ({
  id: `audit/${name}`,
  title,
  requirements: REQUIREMENTS,
  expected: '"loadstone audit verify" names the line and exits with 1',
  run: async ({ cloud, folder }) => {
    const copy = copyOf(cloud, join(folder, `audit-${name}`));
    const key = JSON.parse(readFileSync(join(cloud.data, 'signing-key.json'), 'utf8')) as SigningKey;
    await change(join(copy, AUDIT), key);
    const { code, said } = await ran('audit', 'verify', '--data', copy);
    const words = said.trim().replaceAll(/\s+/g, ' ');
    return judged(`exit ${code}: ${words.slice(words.lastIndexOf(`${AUDIT}:`))}`, at, /^exit 0:/);
  },
});

function copyOf({ data }: CloudProcess, to: string): string {
  mkdirSync(to);
  const state = (folder: string): string => readFileSync(checkpointFile(join(folder, AUDIT)), 'utf8');
  // The cloud keeps writing. A checkpoint newer than the copied log would be a breach of our own making.
  do {
    for (const name of readdirSync(data).filter((each) => /^(audit|trusted-keys)/.test(each)))
      cpSync(join(data, name), join(to, name));
  } while (state(to) !== state(data));
  return to;
}

function edit(file: string, change: (lines: string[]) => string[]): void {
  const text = readFileSync(file, 'utf8');
  const changed = `${change(text.trimEnd().split('\n')).join('\n')}\n`;
  if (changed === text) throw new Error('nothing changed');
  writeFileSync(file, changed);
}

const UNSIGNED = /^exit 1: .*not signed by/;
/** Detected by the first entry, or else by the signature of the checkpoint. */
const UNSIGNED_AT_ALL = /^exit 1: .*(?:not signed by|signature of a checkpoint does not verify)/;
const ELSEWHERE = /^exit 1: .*stands where \d+ should/;

export const auditAttacks: Group = {
  id: 'audit',
  title: 'Audit log edited, truncated, re-signed',
  asset: 'the audit log',
  from: 'an attacker with the data folder of the cloud',
  defence: 'a hash chain of entries with a signed end, under a separate key: cloud/audit',
  attacks: [
    changed('edited', 'changes the name in an entry', UNSIGNED, (file) =>
      edit(file, (lines) => lines.map((line) => line.replace('"who":"admin"', '"who":"anna1"'))),
    ),
    changed('removed', 'removes an entry', ELSEWHERE, (file) =>
      edit(file, (lines) => lines.filter((_, at) => at !== 1)),
    ),
    changed('truncated', 'cuts off the last entries', /^exit 1: .*the list was cut off/, (file) =>
      edit(file, (lines) => lines.slice(0, -2)),
    ),
    changed('moved', 'swaps two entries', ELSEWHERE, (file) =>
      edit(file, ([first = '', second = '', ...rest]) => [second, first, ...rest]),
    ),
    changed(
      'signed-anew',
      'writes another log and signs it with the documents key from the disk of the cloud',
      UNSIGNED_AT_ALL,
      async (file, key) => {
        for (const each of [file, checkpointFile(file)]) writeFileSync(each, '');
        const log = new AuditLog({ file, key, now, onFailure: () => undefined });
        await log.open();
        await log.append({ who: 'nobody', what: 'nothing', outcome: 'done' });
        await log.close();
      },
    ),
  ],
};

const PASSPHRASE = 'a passphrase that the thief lacks';

export const stolenBackup: Group = {
  id: 'backup',
  title: 'Stolen backup',
  asset: 'keys and passwords of the cloud',
  from: 'an attacker with a copy of the backup',
  defence: 'keys, passwords and people encrypted under a passphrase: cloud/backup, shared/backup',
  attacks: [
    {
      id: 'backup/searched',
      title: 'searches a backup for signing keys, private keys and passwords',
      requirements: ['CR 4.1', 'CR 4.2', 'CR 7.3'],
      expected: 'none of them in plain text',
      run: async ({ cloud, folder, crew }) => {
        const to = await backedUp(cloud, folder);
        const { d = '' } = JSON.parse(readFileSync(join(cloud.data, 'signing-key.json'), 'utf8')) as SigningKey;
        const secrets = {
          'signing key': d,
          'private key': 'PRIVATE KEY',
          password: crew.admin.password,
          'hash of a password': 'scrypt$',
        };
        const content = filesIn(to).map((file) => readFileSync(file));
        const found = Object.entries(secrets).filter(([, secret]) => content.some((bytes) => bytes.includes(secret)));
        return found.length === 0 ? refused('none found') : succeeded(found.map(([what]) => what).join(', '));
      },
    },
    {
      id: 'backup/guessed',
      title: 'restores a backup with a wrong passphrase',
      requirements: ['CR 4.1', 'CR 4.3'],
      expected: 'LS-BACKUP-003',
      run: async ({ cloud, folder }) => {
        const guess = join(folder, 'guess');
        writeFileSync(guess, 'another passphrase\n');
        const into = join(folder, 'restored');
        const from = await backedUp(cloud, folder);
        const { code, said } = await ran(
          'cloud',
          'restore',
          from,
          '--data',
          into,
          '--passphrase-file',
          guess,
          '--revoked',
          'none',
        );
        return judged(
          `exit ${code}: ${
            said
              .trim()
              .split('\n')
              .find((line) => line.includes('LS-')) ?? said.slice(-100)
          }`,
          /^exit 1: .*LS-BACKUP-003/,
          /^exit 0:/,
        );
      },
    },
  ],
};

async function backedUp({ config }: CloudProcess, folder: string): Promise<string> {
  const to = join(folder, 'backup');
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, `${PASSPHRASE}\n`);
  try {
    if (statSync(to).isDirectory()) return to;
  } catch {
    const { code, said } = await ran('cloud', 'backup', to, '--config', config, '--passphrase-file', passphrase);
    if (code !== 0) throw new Error(said);
  }
  return to;
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
