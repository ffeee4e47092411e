import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { until } from '../../shared/testing/until.ts';
import { Part } from './part.ts';

/** A part of the script `run`, which may not be there yet. */
function partIn(t: TestContext): { readonly part: Part; readonly run: string; readonly logFile: string } {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-part-'));
  const [run, logFile] = [join(folder, 'run'), join(folder, 'log')];
  const part = new Part({ name: 'part', command: run, args: [], logFile, hello: {} });
  t.after(async () => {
    await part.end('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  return { part, run, logFile };
}

const write = (run: string): void => writeFileSync(run, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });

const opened = (file: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      // The descriptor of the listing itself.
      return false;
    }
  }).length;

test('restarts close the log file descriptor', async (t) => {
  const { part, run, logFile } = partIn(t);
  write(run);
  part.start();
  for (let starts = 1; starts <= 3; starts++) {
    await until('it has started', () => part.starts === starts);
    part.kill();
  }
  await until('it has started again', () => part.starts === 4);
  assert.equal(opened(logFile), 0);
});

test('a process that cannot start is recorded and retried', async (t) => {
  const { part, run } = partIn(t);
  part.start();
  await until('it has failed', () => part.deaths.length > 0);
  assert.match(part.deaths[0]!, /ENOENT/);
  write(run);
  await until('it runs', () => part.pid !== undefined);
});

test('ending a part that cannot start does not wait', async (t) => {
  const { part } = partIn(t);
  part.start();
  await part.end();
  part.start();
  await until('it has failed', () => part.deaths.length > 0);
  await part.end();
  assert.equal(part.pid, undefined);
});
