import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { debianTool } from '../../simulators/testing/debian.ts';
import { LoadstoneError } from '../outcome/outcome.ts';
import { lockFolder } from './folder-lock.ts';

const SINCE = Date.UTC(2026, 10, 27, 12);

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-lock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

/** Starts another process that locks the folder, reports that, and keeps the lock. */
async function holderOf(folder: string, t: TestContext): Promise<ChildProcess> {
  const source = `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, 'folder-lock.ts'))};
    lockFolder(${JSON.stringify(folder)}, ${SINCE});
    process.stdout.write('held');
    setInterval(() => undefined, 1000);`;
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', source, 'x', 'cloud'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

const codeOf = (error: unknown): string | undefined => (error instanceof LoadstoneError ? error.code : undefined);

test('a folder locked by another process is rejected, naming the holder; kill -9 frees it at once', async (t) => {
  const folder = folderOf(t);
  const child = await holderOf(folder, t);
  assert.throws(
    () => lockFolder(folder, SINCE),
    (error) => {
      assert.equal(codeOf(error), 'LS-DATA-001');
      const holder = `"loadstone cloud", process ${child.pid} on ${hostname()}, since 2026-11-27T12:00:00.000Z`;
      assert.equal((error as Error).message, `${folder} is in use by ${holder}`);
      return true;
    },
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual(readdirSync(folder).toSorted(), ['lock.json', 'lock.sqlite'], 'the files it left have no effect');
  const lock = lockFolder(folder, SINCE);
  assert.equal((JSON.parse(readFileSync(join(folder, 'lock.json'), 'utf8')) as { pid: number }).pid, process.pid);
  lock.release();
});

test('one process cannot lock a folder twice; a released lock can be taken again', (t) => {
  const folder = folderOf(t);
  const lock = lockFolder(folder, SINCE);
  assert.throws(() => lockFolder(folder, SINCE), new RegExp(`is in use by .*, process ${process.pid} on`));
  assert.throws(
    () => lockFolder(folder, SINCE),
    new RegExp(`is in use by .*, process ${process.pid} on`),
    'a failed lock releases nothing',
  );
  lock.release();
  lock.release();
  assert.ok(!existsSync(join(folder, 'lock.json')));
  lockFolder(folder, SINCE).release();
});

test('a path that is not a folder is named', (t) => {
  const folder = folderOf(t);
  writeFileSync(folder, '');
  assert.throws(
    () => lockFolder(folder, SINCE),
    (error) => codeOf(error) === 'LS-DATA-002' && (error as Error).message.startsWith(folder),
  );
});

test('a symlinked lock is rejected, and its target is neither created nor touched', (t) => {
  const folder = folderOf(t);
  mkdirSync(folder);
  const elsewhere = join(folder, '..', 'elsewhere');
  symlinkSync(elsewhere, join(folder, 'lock.sqlite'));
  assert.throws(
    () => lockFolder(folder, SINCE),
    (error) => codeOf(error) === 'LS-DATA-002' && (error as Error).message.endsWith('lock.sqlite is a symlink'),
  );
  assert.ok(!existsSync(elsewhere));
});

/**
 * Simulates a network file system without its lock service: fcntl locks fail with ENOLCK. It includes no headers, so it compiles without
 * the C library's.
 */
const NO_LOCKS = `void *dlsym(void *, const char *);
int *__errno_location(void);
#define RTLD_NEXT ((void *)-1)
#define ENOLCK 37
enum { F_GETLK = 5, F_SETLK = 6, F_SETLKW = 7 };
#define CALL(name) int name(int fd, int command, void *value) { \\
  if (command == F_SETLK || command == F_SETLKW || command == F_GETLK) { *__errno_location() = ENOLCK; return -1; } \\
  int (*real)(int, int, void *) = dlsym(RTLD_NEXT, #name); return real(fd, command, value); }
CALL(fcntl)
CALL(fcntl64)
`;

test('a file system without locks is not reported as a folder in use', (t) => {
  const folder = folderOf(t);
  mkdirSync(folder);
  const library = join(folder, 'no-locks.so');
  writeFileSync(join(folder, 'no-locks.c'), NO_LOCKS);
  const compiler = debianTool('tcc');
  const made = spawnSync(compiler.path, ['-shared', '-nostdlib', '-o', library, join(folder, 'no-locks.c')], {
    encoding: 'utf8',
    env: compiler.env,
  });
  assert.equal(made.status, 0, made.stderr);
  const source = `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, 'folder-lock.ts'))};
    try { lockFolder(${JSON.stringify(folder)}, ${SINCE}); } catch ({ code, message }) { console.log(code, message); }`;
  const { stdout } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', source],
    { env: { ...process.env, LD_PRELOAD: library }, encoding: 'utf8' },
  );
  assert.equal(stdout, `LS-DATA-002 ${folder}: its file system does not support locks\n`);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('lock')),
    ['lock.sqlite'],
  );
});
