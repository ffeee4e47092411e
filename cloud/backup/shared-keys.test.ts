import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { KeyBook } from '../pki/key-book.ts';
import { pkiFiles } from '../pki/authority-files.ts';
import { keyFiles } from '../pki/key-files.ts';
import { putStanding, readStandings } from '../pki/standing.ts';
import { hasKeys, isSharedFrom, SharedKeys, type Shared } from './shared-keys.ts';

const PASSPHRASE = 'a passphrase of two clouds';
const NOW = Date.UTC(2027, 0, 15);

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'loadstone-shared-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

test('shared keys sign at the other cloud, revocations of both are merged, and root keys stay in place', async (t) => {
  const [one, two] = [folder(t), folder(t)];
  const keys = await KeyBook.open(one, NOW);
  putStanding(one, 'owd-01', { revokedAt: 10 });
  putStanding(one, 'wls-01', { revokedAt: 20, mayRenewUntil: 5 });
  const shares = new SharedKeys(one, PASSPHRASE);
  const shared: Shared[] = [];
  const share = async (each: Shared): Promise<void> => void shared.push(each);
  await shares.tell(share);
  await shares.tell(share);
  assert.equal(shared.length, 1, 'nothing has changed');
  assert.equal(Buffer.from(shared[0]!.sealed).includes('owd-01'), false, 'it is sealed');

  putStanding(two, 'wls-01', { revokedAt: 15, mayRenewUntil: 7 });
  putStanding(two, 'hvn-01', { revokedAt: 30 });
  writeFileSync(pkiFiles(two).issued, JSON.stringify({ until: 99 }));
  assert.throws(() => new SharedKeys(two, 'another passphrase').take(shared[0]!), { code: 'LS-STANDBY-002' });
  assert.equal(hasKeys(two), false);
  const takes = new SharedKeys(two, PASSPHRASE);
  assert.deepEqual(takes.take(shared[0]!), ['hvn-01'], 'the cloud that shares does not know it');
  assert.equal(existsSync(keyFiles(two).root), false);
  const taken = await KeyBook.open(two, NOW);
  assert.deepEqual([taken.facts, taken.key('documents')], [keys.facts, keys.key('documents')]);
  assert.deepEqual(readStandings(two), {
    'owd-01': { revokedAt: 10 },
    'wls-01': { revokedAt: 20, mayRenewUntil: 7 },
    'hvn-01': { revokedAt: 30 },
  });
  assert.equal(readFileSync(pkiFiles(two).issued, 'utf8'), '{"until":99}');
  const from = (data: string): boolean[] => [undefined, ...shared].map((each) => isSharedFrom(data, each?.by));
  assert.deepEqual(
    [from(one), from(two), from(folder(t))],
    [
      [true, true],
      [false, false],
      [true, false],
    ],
  );

  // Changes in the folder since it last shared its keys stay when its cloud starts again.
  putStanding(one, 'owd-02', { revokedAt: 40 });
  rmSync(keyFiles(one).role('audit'));
  new SharedKeys(one, PASSPHRASE).take(shared[0]!);
  assert.equal(existsSync(keyFiles(one).role('audit')), false);
  // Once the other folder has shared its keys, those win.
  await takes.tell(share);
  assert.deepEqual(
    [from(one), from(two)],
    [
      [true, true, false],
      [true, false, true],
    ],
  );
  writeFileSync(join(keyFiles(one).folder, 'online.next.json'), '{}');
  assert.deepEqual(new SharedKeys(one, PASSPHRASE).take(shared[1]!), ['owd-02']);
  assert.equal(existsSync(keyFiles(one).role('audit')), true);
  assert.equal(existsSync(join(keyFiles(one).folder, 'online.next.json')), false);
  assert.deepEqual(Object.keys(readStandings(one)).toSorted(), ['hvn-01', 'owd-01', 'owd-02', 'wls-01']);
});
