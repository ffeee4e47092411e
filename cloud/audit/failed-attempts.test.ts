import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import type { AuditFacts } from './audit-entry.ts';
import { ATTEMPTS_WINDOW_MS, FailedAttempts, MOST_COUNTS, SINGLE_IN_ALL } from './failed-attempts.ts';
import { SqliteAttemptStore } from './sqlite-attempt-store.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const MOST_OF_WINDOW = SINGLE_IN_ALL + 2 * (2 * MOST_COUNTS + 1);

async function rig(path = ':memory:') {
  const clock = new VirtualClock(START);
  const store = new SqliteAttemptStore(path);
  store.open();
  const entries: AuditFacts[] = [];
  const medium = { full: false };
  const held: { on?: PromiseWithResolvers<void> } = {};
  const append = async (facts: AuditFacts) => {
    await held.on?.promise;
    if (medium.full) throw new Error('disk full');
    entries.push(facts);
    return { ...facts } as never;
  };
  const attempts = new FailedAttempts({ audit: { append }, store, time: clock.machine });
  await attempts.start();
  const fail = (account: string, address = '10.0.0.1', outcome = 'LS-API-002'): Promise<void> =>
    attempts.note({ account, address, what: 'POST /v1/session', outcome });
  return { clock, entries, held, medium, attempts, fail };
}

/** Number of attempts that the entries report. */
const attemptsIn = (entries: readonly AuditFacts[]): number =>
  entries.reduce((sum, { to }) => sum + ((to as { attempts?: number }).attempts ?? 1), 0);

test('five failed attempts for an account are listed singly, later ones as one entry with count, address and times', async () => {
  const { clock, entries, fail } = await rig();
  for (let n = 0; n < 40; n++) {
    await fail('anna', '10.0.0.1', n < 5 ? 'LS-API-002' : 'LS-API-008');
    await clock.advance(1000);
  }
  await fail('bert');
  assert.deepEqual(
    entries.map(({ who, why }) => [who, why]),
    [
      ...Array.from({ length: 4 }, () => ['anna', undefined]),
      ['anna', 'further attempts of this quarter of an hour are counted and listed as one entry'],
      ['bert', undefined],
    ],
  );
  await clock.advance(60_000);
  assert.equal(entries.length, 7, 'a minute after the first counted one');
  await clock.advance(60_000);
  await fail('anna');
  await clock.advance(ATTEMPTS_WINDOW_MS);
  assert.match(entries.at(-1)!.why!, /^1 further failed attempt for account anna/);
  assert.deepEqual(entries.at(-2), {
    who: 'anna',
    what: 'POST /v1/session',
    to: {
      address: '10.0.0.1',
      attempts: 35,
      firstAt: '2026-01-01T00:00:05.000Z',
      lastAt: '2026-01-01T00:00:39.000Z',
      outcomes: { 'LS-API-008': 35 },
    },
    why: '35 further failed attempts for account anna from 10.0.0.1 between 2026-01-01T00:00:05.000Z and 2026-01-01T00:00:39.000Z',
    outcome: 'LS-API-008',
  });
  assert.equal(clock.pending(), 0, 'no timer runs without attempts');
  await fail('anna');
  assert.equal(entries.at(-1)?.why, undefined, 'a new quarter of an hour lists singly again');
});

for (const [name, account, address] of [
  ['one account from one address', () => 'anna', () => '10.0.0.1'],
  ['changing accounts from one address', (n: number) => `guess-${n}`, () => '10.0.0.1'],
  ['one account from changing addresses', () => 'anna', (n: number) => `2001:db8::${n.toString(16)}`],
  ['changing accounts and addresses', (n: number) => `guess-${n}`, (n: number) => `2001:db8::${n.toString(16)}`],
] as const)
  test(`a day of guesses is covered by a bounded number of entries: ${name}`, async () => {
    const { clock, entries, attempts, fail } = await rig();
    const [day, every] = [24 * 3_600_000, 2000];
    for (let n = 0; n < day / every; n++) {
      await fail(account(n), address(n));
      await clock.advance(every);
    }
    await attempts.close();
    assert.equal(attemptsIn(entries), day / every);
    assert.ok(entries.length <= (day / ATTEMPTS_WINDOW_MS + 1) * MOST_OF_WINDOW, `${entries.length} entries`);
  });

test("an account's counted attempts are written before it signs in, and all at the end", async () => {
  const { entries, attempts, fail } = await rig();
  for (let n = 0; n < 7; n++) await fail('anna');
  for (let n = 0; n < 6; n++) await fail('bert');
  await attempts.settle('anna');
  assert.deepEqual([entries.length, entries.at(-1)?.who, attemptsIn(entries)], [11, 'anna', 12]);
  await attempts.close();
  assert.deepEqual([entries.length, entries.at(-1)?.who, attemptsIn(entries)], [12, 'bert', 13]);
});

test('attempts stay counted while the disk is full and are written once it has room', async () => {
  const { clock, entries, medium, fail } = await rig();
  for (let n = 0; n < 9; n++) await fail('anna');
  medium.full = true;
  await assert.rejects(clock.advance(60_000), /disk full/);
  await assert.rejects(clock.advance(ATTEMPTS_WINDOW_MS), /disk full/);
  await assert.rejects(fail('bert'), /disk full/);
  medium.full = false;
  await clock.advance(ATTEMPTS_WINDOW_MS);
  assert.equal(attemptsIn(entries), 9);
});

test('after a kill the next process writes the counted attempts, each once', async (context: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-attempts-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'attempts.sqlite');
  const killed = await rig(path);
  for (let n = 0; n < 9; n++) await killed.fail('anna');
  assert.equal(attemptsIn(killed.entries), 5);
  const next = await rig(path);
  await next.clock.advance(0);
  assert.deepEqual([next.entries.length, attemptsIn(next.entries)], [1, 4]);
  assert.match(next.entries[0]!.why!, /^4 further failed attempts for account anna from 10\.0\.0\.1/);
  const third = await rig(path);
  await third.clock.advance(ATTEMPTS_WINDOW_MS);
  assert.deepEqual(third.entries, []);
});

test('an attempt during the write of an entry counts for the next entry', async () => {
  const { attempts, entries, fail, held } = await rig();
  for (let n = 0; n < 8; n++) await fail('anna');
  held.on = Promise.withResolvers<void>();
  const written = attempts.settle();
  const more = [fail('anna'), fail('anna')];
  held.on.resolve();
  await Promise.all([written, ...more]);
  assert.deepEqual([entries.length, attemptsIn(entries)], [6, 8]);
  await attempts.close();
  assert.deepEqual([entries.length, attemptsIn(entries)], [7, 10]);
});
