import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { authorityEnds } from '../pki/authority-end.ts';
import { initAuthority, rollIssuer } from '../pki/make-authority.ts';
import { watchAuthority } from './watch-authority.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

test('half a year before the issuer expires one alarm is raised, until the next issuer is made', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'loadstone-end-'));
  t.after(() => rmSync(data, { recursive: true }));
  const clock = new VirtualClock(Date.UTC(2027, 0, 15));
  const reported: string[] = [];
  let stands = false;
  const tell = ({ active, text }: { readonly active?: boolean; readonly text: string }): void => {
    stands = active === true;
    reported.push(text);
  };
  const watch = watchAuthority({ data, clock, holds: () => stands, tell });
  t.after(() => watch.cancel());
  await clock.advance(2 * HOUR_MS);
  assert.deepEqual(reported, [], 'without an authority nothing expires');
  const made = clock.machine.now() - (3 * 365 - 180) * DAY_MS + 1.5 * HOUR_MS;
  await initAuthority({ data, rootKey: '', now: made }, 'Loadstone');
  const [issuer, root] = authorityEnds(data);
  assert.deepEqual([issuer?.what, root?.what, root?.at], ['issuer', 'root', made + 20 * 365 * DAY_MS]);
  await clock.advance(HOUR_MS);
  assert.deepEqual(reported, []);
  await clock.advance(3 * HOUR_MS);
  assert.deepEqual(reported, [
    'The issuer of the certificates expires on 2027-07-14; from then on no gateway can connect.',
  ]);
  const restarted = watchAuthority({ data, clock, holds: () => stands, tell });
  await clock.advance(2 * HOUR_MS);
  restarted.cancel();
  assert.equal(reported.length, 2, 'a start confirms the alarm once');
  assert.equal(reported.pop(), reported[0]);
  await rollIssuer({ data, rootKey: '', now: clock.machine.now() });
  await clock.advance(2 * HOUR_MS);
  assert.deepEqual(reported.slice(1), ['The certificates of the authority last for more than half a year again.']);
});
