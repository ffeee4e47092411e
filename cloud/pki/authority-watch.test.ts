import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { until } from '../../shared/testing/until.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { pkiFiles } from './authority-files.ts';
import { AuthorityWatch } from './authority-watch.ts';
import type { Standings } from './standing.ts';

const AT = new Date('2027-01-01T00:00:00Z');

/** A watch over files in a real folder, with looks under the test's control. */
function watched(t: TestContext, onAuthority: () => Promise<void> = async () => undefined) {
  const data = mkdtempSync(join(tmpdir(), 'loadstone-watch-'));
  t.after(() => rmSync(data, { recursive: true }));
  const files = pkiFiles(data);
  mkdirSync(files.folder);
  /** Writes in place with a fixed time, as a look in the middle of a write would see it. */
  const write = (file: string, text: string): void => {
    writeFileSync(file, text);
    utimesSync(file, AT, AT);
  };
  for (const file of [files.issuer, files.roots]) write(file, 'one');
  const clock = new VirtualClock(0);
  const heard: Standings[] = [];
  const faults: string[] = [];
  const watch = new AuthorityWatch({
    data,
    time: clock.machine,
    onStandings: (standings) => heard.push(standings),
    onAuthority,
    onTick: () => undefined,
    onFault: (error) => faults.push(String(error)),
  });
  watch.start();
  t.after(() => watch.stop());
  const looks = (count: number): Promise<void> => clock.advance(count * 250);
  /** Looks until the kernel has notified the change. */
  const looksUntil = (isSeen: () => boolean): Promise<unknown> =>
    until('the change is seen', async () => {
      await looks(1);
      return isSeen();
    });
  return { files, faults, heard, looks, looksUntil, write };
}

test('a revocation read during its write is read again, and the fault is reported once', async (t) => {
  const { files, faults, heard, looks, looksUntil, write } = watched(t);
  await looks(1);
  const whole = '{"owd-01":{"revokedAt":1}}';
  write(files.standing, whole.slice(0, 10).padEnd(whole.length));
  await looksUntil(() => faults.length > 0);
  await looks(3);
  assert.deepEqual([heard.at(-1), faults.length], [{}, 1], faults.join('\n'));
  write(files.standing, whole);
  await looksUntil(() => heard.length > 1);
  assert.deepEqual(heard.at(-1), { 'owd-01': { revokedAt: 1 } });
  await looks(3);
  assert.deepEqual([heard.length, faults.length], [2, 1], 'a file that was read is not read again');
});

test('a new issuer that could not be loaded is retried', async (t) => {
  let calls = 0;
  const { files, faults, looks, looksUntil, write } = watched(t, async () => {
    if (++calls === 1) throw new Error('no room on the disk');
  });
  await looks(2);
  assert.equal(calls, 0, 'the issuer of the start is already in use');
  write(files.issuer, 'another');
  await looksUntil(() => calls > 1);
  await looks(3);
  assert.deepEqual([calls, faults], [2, ['Error: no room on the disk']]);
});
