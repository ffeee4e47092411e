import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { generateSigningKey, publicHalf } from '../../shared/codec/signed-document.ts';
import { AuditLog, checkpointFile } from './audit-log.ts';
import { canonicalJson } from './canonical-json.ts';
import { auditTable } from './audit-table.ts';
import { auditLogSuite } from './testing/audit-log-suite.ts';
import { verifyAudit, type AuditVerdict } from './verify-audit.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const { privateKey } = await generateSigningKey();
const { privateKey: foreignKey } = await generateSigningKey();
const cli = new URL('../../deploy/cli.ts', import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), 'loadstone-audit-'));
after(async () => {
  for (const log of logs) await log.close();
  rmSync(root, { recursive: true });
});

const logs: AuditLog[] = [];
const opened = async (file: string, key = privateKey) => {
  const log = new AuditLog({ file, key, now: () => START, onFailure: () => undefined });
  logs.push(log);
  return { log, ...(await log.open()) };
};

/** A list of eight entries in its own folder. */
async function written(): Promise<{ folder: string; file: string; bytes: Buffer; checkpoint: string }> {
  const folder = mkdtempSync(join(root, 'list-'));
  const file = join(folder, 'audit.jsonl');
  const { log } = await opened(file);
  for (let n = 2; n <= 8; n++)
    await log.append({
      who: 'anna',
      what: 'device.override',
      on: `device:owd-01/battery-${n}`,
      to: { kw: n },
      outcome: 'done',
    });
  await log.close();
  return { folder, file, bytes: readFileSync(file), checkpoint: readFileSync(checkpointFile(file), 'utf8') };
}

const judge = (log: Uint8Array, checkpoints: readonly string[]): AuditVerdict =>
  verifyAudit({ log, checkpoints, keys: [publicHalf(privateKey)] });

const list = await written();
const lines = list.bytes.toString('utf8').trimEnd().split('\n');
const judgeLines = (changed: readonly string[]): AuditVerdict =>
  judge(Buffer.from(changed.map((line) => `${line}\n`).join('')), [list.checkpoint]);

test('a list verifies, continues after a restart and is read newest first', async () => {
  assert.deepEqual(judge(list.bytes, [list.checkpoint]), { entries: 8, problem: undefined });
  const { file } = await written();
  const { log, broken } = await opened(file);
  assert.equal(broken, undefined);
  await log.append({
    who: 'ben',
    what: 'user.change',
    from: ['viewer'],
    to: ['operator'],
    why: 'new shift',
    outcome: 'done',
  });
  assert.deepEqual(
    (await log.list({ limit: 2 })).map(({ n, who, prev }) => [n, who, prev.length]),
    [
      [9, 'ben', 64],
      [8, 'anna', 64],
    ],
  );
  assert.deepEqual(
    (await log.list({ limit: 9, before: 3 })).map(({ n }) => n),
    [2, 1],
  );
  await log.close();
  assert.equal(judge(readFileSync(file), [readFileSync(checkpointFile(file), 'utf8')]).entries, 9);
});

test('edits, deletion, truncation, repetition and reordering are found at the first differing line', () => {
  const edited = lines.with(3, lines[3]!.replace('"kw":4', '"kw":5'));
  const cases: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['edited', edited, 4, /not signed/],
    ['deleted', lines.toSpliced(3, 1), 4, /entry 5 stands where 4 should/],
    ['cut off', lines.slice(0, 6), 7, /entries 7 to 8 are missing/],
    ['emptied', [], 1, /entries 1 to 8 are missing/],
    ['repeated', lines.toSpliced(4, 0, lines[3]!), 5, /entry 4 stands where 5 should/],
    ['swapped', lines.with(2, lines[3]!).with(3, lines[2]!), 3, /entry 4 stands where 3 should/],
    ['blank', lines.with(1, ` ${lines[1]}`), 2, /not in canonical form/],
  ];
  for (const [name, changed, line, why] of cases) {
    const { problem, entries } = judgeLines(changed);
    assert.equal(problem?.line, line, name);
    assert.equal(entries, line - 1, name);
    assert.match(problem.why, why, name);
  }
});

test('property: any change of a byte, a line or the length is found', () => {
  const { bytes, checkpoint } = list;
  const at = fc.nat({ max: bytes.length - 1 });
  const byte = fc.nat({ max: 255 });
  const line = fc.nat({ max: lines.length - 1 });
  const joined = (changed: readonly string[]): Buffer => Buffer.from(changed.map((each) => `${each}\n`).join(''));
  const mutation = fc.oneof(
    fc.tuple(at, byte).map(([place, value]) => Buffer.from(bytes).fill(value, place, place + 1)),
    fc
      .tuple(at, byte)
      .map(([place, value]) => Buffer.concat([bytes.subarray(0, place), Buffer.from([value]), bytes.subarray(place)])),
    fc
      .tuple(at, fc.integer({ min: 1, max: 900 }))
      .map(([place, count]) => Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + count)])),
    at.map((length) => bytes.subarray(0, length)),
    line.map((each) => joined(lines.toSpliced(each, 1))),
    fc.tuple(line, line).map(([from, to]) => joined(lines.toSpliced(to, 0, lines[from]!))),
    fc.tuple(line, line).map(([a, b]) => joined(lines.with(a, lines[b]!).with(b, lines[a]!))),
  );
  fc.assert(
    fc.property(mutation, (changed) => {
      fc.pre(!bytes.equals(changed));
      assert.notEqual(judge(changed, [checkpoint]).problem, undefined);
    }),
    { numRuns: 2000 },
  );
});

test('the checkpoint cannot be edited, forged or omitted; a copy kept elsewhere detects a rollback', async () => {
  const early = await written();
  const { log } = await opened(early.file);
  await log.append({ who: 'mallory', what: 'device.override', outcome: 'done' });
  await log.close();
  const outside = readFileSync(checkpointFile(early.file), 'utf8');
  assert.match(judge(list.bytes, []).problem!.why, /no checkpoint/);
  assert.match(
    judge(list.bytes, [list.checkpoint.replace('"n":8', '"n":7')]).problem!.why,
    /the signature of a checkpoint does not verify/,
  );
  const { folder } = await written();
  const forged = join(folder, 'forged.jsonl');
  await (await opened(forged, foreignKey)).log.close();
  const foreign = judge(readFileSync(forged), [readFileSync(checkpointFile(forged), 'utf8')]);
  assert.match(foreign.problem!.why, /not signed by a known key/);
  assert.equal(judge(early.bytes, [early.checkpoint]).problem, undefined);
  assert.match(judge(early.bytes, [early.checkpoint, outside]).problem!.why, /entries 9 to 9 are missing/);
});

test('a line cut by a power loss is dropped; tampering is reported forever', async () => {
  const torn = await written();
  appendFileSync(torn.file, '{"at":17');
  const first = await opened(torn.file);
  assert.equal(first.broken, undefined);
  await first.log.append({ who: 'anna', what: 'session.close', outcome: 'done' });
  await first.log.close();
  const now = (file: string): AuditVerdict => judge(readFileSync(file), [readFileSync(checkpointFile(file), 'utf8')]);
  assert.deepEqual(now(torn.file), { entries: 9, problem: undefined });

  const behind = await written();
  const { log } = await opened(behind.file);
  await log.append({ who: 'anna', what: 'session.close', outcome: 'done' });
  await log.close();
  writeFileSync(checkpointFile(behind.file), behind.checkpoint);
  assert.equal((await opened(behind.file)).broken, undefined, 'one entry ahead of the signed state');

  const cut = await written();
  writeFileSync(cut.file, `${lines.slice(0, 5).join('\n')}\n`);
  const { log: goesOn, broken } = await opened(cut.file);
  assert.match(String(broken), /up to 8 were signed, only 5 are there/);
  assert.equal((await goesOn.list({ limit: 1 }))[0]?.what, 'audit.broken');
  await goesOn.close();
  assert.equal(now(cut.file).problem?.line, 6);
});

test('if the signed state cannot be written, its entry is dropped too, and a restart finds no breach', async () => {
  const { file } = await written();
  const { log } = await opened(file);
  const act = { who: 'anna', what: 'device.override', outcome: 'done' };
  // On a full disk, the end of an entry may fit while another file does not.
  const blocker = `${checkpointFile(file)}.part`;
  mkdirSync(blocker);
  for (let n = 0; n < 3; n++) await assert.rejects(log.append(act), { code: 'LS-STORE-001' });
  await log.close();
  rmSync(blocker, { recursive: true });
  const again = await opened(file);
  assert.equal(again.broken, undefined);
  await again.log.append(act);
  assert.deepEqual(judge(readFileSync(file), [readFileSync(checkpointFile(file), 'utf8')]), {
    entries: 9,
    problem: undefined,
  });
});

test('while the list cannot be written, stops wait and are written first, marked as late; other acts are refused', async () => {
  const { file } = await written();
  const { log } = await opened(file);
  const stop = { who: 'anna', what: 'POST /v1/acts', on: 'region:north', outcome: 'done' };
  const act = { who: 'bert', what: 'device.override', outcome: 'done' };
  const blocker = `${checkpointFile(file)}.part`;
  mkdirSync(blocker);
  await log.appendStop(stop);
  await log.appendStop({ ...stop, on: 'substation:owd' });
  await assert.rejects(log.append(act), { code: 'LS-STORE-001' });
  await assert.rejects(log.settle(), { code: 'LS-STORE-001' });
  assert.equal(log.waiting, 2);
  rmSync(blocker, { recursive: true });
  await log.append(act);
  assert.equal(log.waiting, 0);
  const late = (await log.list({ limit: 3 })).toReversed();
  assert.deepEqual(
    late.map(({ who, on, outcome }) => [who, on, outcome]),
    [
      ['anna', 'region:north', 'done'],
      ['anna', 'substation:owd', 'done'],
      ['bert', null, 'done'],
    ],
  );
  const { writtenLate, doneAt } = late[0]!.from as { writtenLate: boolean; doneAt: string };
  assert.deepEqual([writtenLate, new Date(doneAt).toISOString(), late[2]!.from], [true, doneAt, null]);
  mkdirSync(blocker);
  await log.appendStop(stop);
  rmSync(blocker, { recursive: true });
  await log.close();
  assert.deepEqual(judge(readFileSync(file), [readFileSync(checkpointFile(file), 'utf8')]), {
    entries: 12,
    problem: undefined,
  });
});

test('a running cloud reports a deleted checkpoint as a breach', async () => {
  const { file } = await written();
  const { log } = await opened(file);
  rmSync(checkpointFile(file));
  const { entries, problem } = await log.verify();
  await log.close();
  assert.equal(entries, 8);
  assert.match(problem!.why, /no checkpoint/);
});

test('canonical JSON is unique; long values become a hash; a table neutralizes formulas', async () => {
  assert.equal(canonicalJson({ b: [1, null, 'é'], a: { d: undefined, c: -0 } }), '{"a":{"c":0},"b":[1,null,"é"]}');
  const { file } = await written();
  const { log } = await opened(file);
  const entry = await log.append({ who: '=1+1', what: 'x\ny', to: 'a'.repeat(9000), outcome: 'done' });
  await log.close();
  assert.match(JSON.stringify(entry.to), /"sha256":"[0-9a-f]{64}"/);
  assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 9);
  assert.equal(auditTable([entry]).columns[2]?.values[0], '=1+1');
});

test('the command verifies and exports, and sets its exit code', async () => {
  const { folder, file, bytes } = await written();
  writeFileSync(join(folder, 'trusted-keys.json'), JSON.stringify({ keys: [publicHalf(privateKey)] }));
  const audit = (...args: string[]): [number | null, string] => {
    const { status, stdout } = spawnSync(process.execPath, [cli, 'audit', ...args, '--data', folder], {
      encoding: 'utf8',
    });
    return [status, stdout];
  };
  const [good, verified] = audit('verify');
  assert.equal(good, 0);
  assert.match(verified, /8 entries, all intact/);
  const [exported, csv] = audit('export', '--format', 'csv');
  assert.equal(exported, 0);
  assert.match(csv, /device\.override,device:owd-01\/battery-8,,"\{""kw"":8\}"/);
  writeFileSync(file, bytes.toString('utf8').replace('anna', 'anne'));
  const [bad, found] = audit('verify');
  assert.equal(bad, 1);
  assert.match(found, /audit\.jsonl:2: entry 2 is not signed/);
});

auditLogSuite('a file', async () => {
  const file = join(mkdtempSync(join(root, 'list-')), 'audit.jsonl');
  const { log } = await opened(file);
  return {
    store: log,
    again: async () => {
      await log.close();
      return (await opened(file)).log;
    },
  };
});
