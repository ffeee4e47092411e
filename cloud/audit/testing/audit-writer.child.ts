import { readFileSync } from 'node:fs';
import type { SigningKey } from '../../../shared/codec/signed-document.ts';
import { AuditLog } from '../audit-log.ts';

/** Appends entries until it is killed: `audit-writer.child.ts FILE KEYFILE` prints the number of each stored entry. */
const [, , file = '', keyFile = ''] = process.argv;
const key = JSON.parse(readFileSync(keyFile, 'utf8')) as SigningKey;
const fail = (error: unknown): void => void process.stdout.write(`failed ${String(error)}\n`);
const log = new AuditLog({ file, key, now: () => 1, archiveAt: 900, onFailure: fail });
const { broken } = await log.open();
if (broken !== undefined) fail(broken);
for (;;) {
  const { n } = await log.append({ who: 'anna', what: 'device.override', to: { at: file.length }, outcome: 'done' });
  process.stdout.write(`${n}\n`);
}
