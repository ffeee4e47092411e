import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { KeyBook } from '../pki/key-book.ts';
import { AuditLog, checkpointFile } from './audit-log.ts';
import { Witness } from './witness.ts';

const CLI = join(import.meta.dirname, '..', '..', 'deploy', 'cli.ts');
const START = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

async function world(t: TestContext) {
  const data = mkdtempSync(join(tmpdir(), 'loadstone-witness-'));
  t.after(() => rmSync(data, { recursive: true }));
  const clock = new VirtualClock(START);
  const keys = await KeyBook.open(data, START);
  const file = join(data, 'audit.jsonl');
  const outside = join(data, 'outside', 'states');
  const now = (): number => clock.machine.now();
  const log = new AuditLog({ file, ...keys.audit(), witness: outside, now, onFailure: assert.fail });
  await log.open();
  const failures: string[] = [];
  const witness = new Witness({
    list: file,
    file: outside,
    everyMs: 3_600_000,
    time: clock.machine,
    onFailure: (error) => failures.push(String(error)),
  });
  const act = (what: string) => log.append({ who: 'anna', what, outcome: 'done' });
  const verify = (...more: string[]) => {
    const args = ['--disable-warning=ExperimentalWarning', CLI, 'audit', 'verify', '--data', data, ...more];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { status, said: stdout };
  };
  return { data, clock, keys, file, outside, log, witness, failures, act, verify };
}

test(
  'a list rewritten with its own key fails at the states that the witness holds',
  { timeout: 240_000 },
  async (t) => {
    const { keys, file, outside, log, witness, act, verify, clock } = await world(t);
    mkdirSync(join(outside, '..'));
    await act('stop');
    witness.start();
    await witness.tell();
    await act('release');
    await clock.advance(3_600_000);
    await witness.stop();
    await log.close();
    assert.equal(readFileSync(outside, 'utf8').trim().split('\n').length, 2);
    assert.match(verify().said, /unwitnessed/);
    const whole = verify('--witness', outside);
    assert.deepEqual([whole.status, /witnessed until 2026-01-01T00:00:00/.test(whole.said)], [0, true], whole.said);
    // A line that a full disk cut off is ignored.
    appendFileSync(outside, '{"n":3,');
    assert.equal(verify('--witness', outside).status, 0);

    for (const each of [file, checkpointFile(file)]) writeFileSync(each, '');
    const replacement = new AuditLog({ file, ...keys.audit(), now: () => START, onFailure: assert.fail });
    await replacement.open();
    for (const what of ['a', 'b', 'c']) await replacement.append({ who: 'nobody', what, outcome: 'done' });
    await replacement.close();
    assert.equal(verify().status, 0, 'without a witness it goes unnoticed');
    const found = verify('--witness', outside);
    assert.equal(found.status, 1);
    assert.match(found.said, /differs from the checkpoint/);
  },
);

test(
  'an unreachable witness is reported once and fails the verification after a day',
  { timeout: 240_000 },
  async (t) => {
    const { outside, log, witness, failures, act, verify, clock } = await world(t);
    witness.start();
    await witness.tell();
    await clock.advance(2 * 3_600_000);
    assert.equal(failures.length, 1, 'its folder is missing');
    assert.match(JSON.stringify((await log.verify()).witness), /ENOENT/);
    mkdirSync(join(outside, '..'));
    await clock.advance(3_600_000);
    assert.equal(readFileSync(outside, 'utf8').trim().split('\n').length, 1);
    rmSync(join(outside, '..'), { recursive: true });
    mkdirSync(join(outside, '..'));
    writeFileSync(outside, readFileSync(checkpointFile(join(outside, '..', '..', 'audit.jsonl')), 'utf8'));
    await clock.advance(2 * DAY_MS);
    assert.deepEqual((await log.verify()).witness, { until: START, n: 1, isStale: false });
    await act('stop');
    assert.deepEqual((await log.verify()).witness, { until: START, n: 1, isStale: true });
    await log.close();
    const stale = verify('--witness', outside);
    assert.equal(stale.status, 1, stale.said);
    assert.match(stale.said, /stale: the list continues for more than a day/);
  },
);

test('an entry that the cloud adds during a verification is no breach', { timeout: 240_000 }, async (t) => {
  const { data, file, log, act } = await world(t);
  await act('stop');
  const before = readFileSync(file);
  await act('release');
  await log.close();
  const [after, state] = [file, checkpointFile(file)].map((each) => readFileSync(each));
  writeFileSync(file, before);
  // The command waits for the state in a pipe, and meanwhile the cloud adds the entry.
  const pipe = checkpointFile(file);
  rmSync(pipe);
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  const args = ['--disable-warning=ExperimentalWarning', CLI, 'audit', 'verify', '--data', data];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = Promise.all([text(child.stdout), once(child, 'close')]);
  const opened = await open(pipe, 'w');
  writeFileSync(file, after!);
  await opened.writeFile(state!);
  await opened.close();
  const [said, [code]] = await ended;
  assert.equal(code, 0, said);
});

test('a witness whose machine hangs delays neither start nor end', { timeout: 60_000 }, async (t) => {
  const { outside, witness, failures, act, clock, log } = await world(t);
  mkdirSync(join(outside, '..'));
  // Opening a pipe blocks until somebody reads it.
  assert.equal(spawnSync('mkfifo', [outside]).status, 0);
  try {
    await act('stop');
    witness.start();
    const stopped = witness.stop();
    await clock.advance(2000);
    await stopped;
    assert.deepEqual(failures, ['Error: not done in time']);
  } finally {
    const pipe = openSync(outside, constants.O_RDONLY | constants.O_NONBLOCK);
    await witness.tell();
    closeSync(pipe);
    await log.close();
  }
});
