import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { generateSigningKey, publicHalf } from '../../shared/codec/signed-document.ts';
import { archivesIn } from './audit-archive.ts';
import { AuditLog, checkpointFile } from './audit-log.ts';
import { verifyAudit, type AuditVerdict } from './verify-audit.ts';

const { privateKey } = await generateSigningKey();
const root = mkdtempSync(join(tmpdir(), 'loadstone-archive-'));
after(() => rmSync(root, { recursive: true }));

const LIMIT = 4_000;
const listIn = (
  folder: string,
  archiveAt = LIMIT,
  onFailure: (error: unknown) => void = (error) => assert.fail(String(error)),
): AuditLog =>
  new AuditLog({
    file: join(folder, 'audit.jsonl'),
    key: privateKey,
    now: () => 1,
    archiveAt,
    onFailure,
  });

const archived = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.gz'))
    .toSorted();

function judge(folder: string, checkpoints = [readFileSync(checkpointFile(join(folder, 'audit.jsonl')), 'utf8')]) {
  return verifyAudit({
    log: readFileSync(join(folder, 'audit.jsonl')),
    archives: archivesIn(folder),
    checkpoints,
    keys: [publicHalf(privateKey)],
  });
}

/** A list that was archived several times, and the number of acknowledged entries. */
async function written(
  t: TestContext,
  count = 60,
  who = 'anna',
): Promise<{ readonly folder: string; readonly end: number }> {
  const folder = mkdtempSync(join(root, 'list-'));
  const log = listIn(folder);
  t.after(() => log.close());
  await log.open();
  let end = 0;
  for (let n = 0; n < count; n++) {
    const facts = { who, what: 'device.override', on: `device:${n}`, to: { kw: n }, outcome: 'done' };
    end = (await log.append(facts)).n;
  }
  await log.close();
  return { folder, end };
}

const copyOf = (folder: string): string => {
  const to = mkdtempSync(join(root, 'copy-'));
  for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(to, name));
  return to;
};

test('a long list is archived compressed, and its chain verifies from the first archive to the last line', async (t) => {
  const { folder, end } = await written(t);
  const archives = archived(folder);
  assert.ok(archives.length >= 3, `${archives.length} archives`);
  const live = readFileSync(join(folder, 'audit.jsonl'));
  assert.ok(live.length <= LIMIT + 1000, `${live.length} bytes`);
  const [seal] = live.toString('utf8').split('\n');
  const { what, to, prev } = JSON.parse(seal!) as { what: string; to: Record<string, unknown>; prev: string };
  assert.equal(what, 'audit.seal');
  assert.equal(to['file'], archives.at(-1));
  assert.equal(to['hash'], prev, 'the seal names the last hash');
  assert.deepEqual(judge(folder), { entries: end, problem: undefined });
});

test('pages go back from the live list through every archive', async (t) => {
  const { folder, end } = await written(t);
  const log = listIn(folder);
  t.after(() => log.close());
  await log.open();
  const numbers: number[] = [];
  for (let before = Number.MAX_SAFE_INTEGER; ;) {
    const page = await log.list({ before, limit: 7 });
    if (page.length === 0) break;
    numbers.push(...page.map(({ n }) => n));
    before = page.at(-1)!.n;
  }
  assert.deepEqual(
    numbers,
    Array.from({ length: end }, (_, at) => end - at),
  );
  assert.deepEqual(await log.verify(), { entries: end, problem: undefined, witness: null });
});

test('a page reads only its own entries, and all of a damaged list', async (t) => {
  const { folder, end } = await written(t);
  const log = listIn(folder);
  t.after(() => log.close());
  await log.open();
  const read = t.mock.method(TextDecoder.prototype, 'decode');
  const parts = archived(folder).length + 1;
  assert.deepEqual(
    (await log.list({ before: 10, limit: 5 })).map(({ n }) => n),
    [9, 8, 7, 6, 5],
  );
  const { length } = read.mock.calls;
  assert.ok(length <= 5 + 4 * parts, `${length} lines of ${end}`);
  read.mock.restore();
  const file = join(folder, 'audit.jsonl');
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, [...lines.slice(0, 2), '{}', ...lines.slice(2)].join('\n'));
  const whole = await log.list({ limit: end });
  for (const { n } of whole.slice(0, 9))
    assert.deepEqual(
      (await log.list({ before: n, limit: end })).map((entry) => entry.n),
      whole.map((entry) => entry.n).filter((other) => other < n),
    );
});

test('one byte changed anywhere, in an archive or the live list, is found', async (t) => {
  const { folder } = await written(t, 20);
  for (const name of [...archived(folder), 'audit.jsonl']) {
    const bytes = readFileSync(join(folder, name));
    const places = [...bytes.keys()].filter((at) => at < 12 || at % 41 === 0 || at >= bytes.length - 9);
    const others = archivesIn(folder);
    for (const place of places) {
      const changed = Buffer.from(bytes);
      changed[place]! ^= 1;
      const { problem } = verifyAudit({
        log: name === 'audit.jsonl' ? changed : readFileSync(join(folder, 'audit.jsonl')),
        archives: (each) => (each === name ? changed : others(each)),
        checkpoints: [readFileSync(checkpointFile(join(folder, 'audit.jsonl')), 'utf8')],
        keys: [publicHalf(privateKey)],
      });
      assert.notEqual(problem, undefined, `${name}, byte ${place}`);
    }
  }
});

test('a missing or replaced archive and a live list without its seal are found', async (t) => {
  const { folder } = await written(t);
  const [first, second] = archived(folder);
  const spoilt = (spoil: (at: string) => void): AuditVerdict => {
    const at = copyOf(folder);
    spoil(at);
    return judge(at);
  };
  const gone = spoilt((at) => rmSync(join(at, second!)));
  assert.equal(gone.problem?.archive, second);
  assert.match(gone.problem!.why, /is missing/);
  const moved = spoilt((at) => copyFileSync(join(at, first!), join(at, second!)));
  assert.equal(moved.problem?.archive, second);
  const other = await written(t, 60, 'ben');
  const replaced = spoilt((at) => copyFileSync(join(other.folder, first!), join(at, first!)));
  assert.equal(replaced.problem?.archive, first);
  const cut = spoilt((at) => {
    const lines = readFileSync(join(at, 'audit.jsonl'), 'utf8').split('\n');
    writeFileSync(join(at, 'audit.jsonl'), lines.slice(1).join('\n'));
  });
  assert.match(cut.problem!.why, /entries are missing/);
});

test('archiving that was interrupted is completed at the next start and loses nothing', async (t) => {
  const { folder, end } = await written(t, 5);
  assert.deepEqual(archived(folder), []);
  const before = copyOf(folder);
  const cutting = listIn(folder, 100);
  await cutting.open();
  await cutting.close();
  const [archive] = archived(folder);
  assert.deepEqual(judge(folder), { entries: end + 1, problem: undefined });

  const half = copyOf(before);
  copyFileSync(join(folder, archive!), join(half, archive!));
  writeFileSync(join(half, `${archive}.part`), 'half of an archive');
  writeFileSync(join(half, 'audit.jsonl.part'), '{"half":');
  const again = listIn(half, 100);
  assert.deepEqual(await again.open(), { broken: undefined });
  await again.close();
  assert.deepEqual(judge(half), { entries: end + 1, problem: undefined });
  assert.deepEqual(archived(half), [archive]);

  const unsigned = copyOf(folder);
  copyFileSync(checkpointFile(join(before, 'audit.jsonl')), checkpointFile(join(unsigned, 'audit.jsonl')));
  const on = listIn(unsigned);
  assert.deepEqual(await on.open(), { broken: undefined });
  const { n } = await on.append({ who: 'anna', what: 'session.close', outcome: 'done' });
  await on.close();
  assert.equal(n, end + 2);
  assert.deepEqual(judge(unsigned), { entries: n, problem: undefined });
});

test('if syncing the folder fails, entries after archiving are still in the list', async (t) => {
  const { folder, end } = await written(t, 5);
  const failures: string[] = [];
  const log = listIn(folder, 100, (error) => failures.push(String(error)));
  await using any = await open(folder);
  const files = Object.getPrototypeOf(any) as FileHandle;
  const sync: (this: FileHandle) => Promise<void> = Reflect.get(files, 'sync');
  let folders = 0;
  const broken = t.mock.method(files, 'sync', async function (this: FileHandle) {
    if ((await this.stat()).isDirectory() && ++folders === 2) throw new Error('EIO: fsync');
    return sync.call(this);
  });
  await log.open();
  broken.mock.restore();
  assert.deepEqual([folders, failures], [2, ['Error: EIO: fsync']]);
  const { n } = await log.append({ who: 'anna', what: 'session.open', outcome: 'done' });
  await log.close();
  assert.equal(n, end + 2);
  // The list is archived again after it.
  assert.deepEqual(judge(folder), { entries: n + 1, problem: undefined });
});
