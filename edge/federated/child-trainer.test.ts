import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

test('a training process that cannot be started is a fault of the round only', () => {
  const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    import { openSync } from 'node:fs';
    const { childTrainer } = await import(${at('./child-trainer.ts')});
    const { SystemClock } = await import(${at('../../shared/time/system-clock.ts')});
    const trainer = childTrainer(new SystemClock(() => undefined).machine);
    try { for (;;) openSync('/dev/null', 'r'); } catch {}
    const trained = await trainer.train({});
    process.stdout.write(trained.ok ? 'trained' : trained.fault.code);
    process.exit(0);
  `;
  const ended = spawnSync(
    'sh',
    [
      '-c',
      'ulimit -n 64; exec "$0" --disable-warning=ExperimentalWarning --input-type=module -e "$1"',
      process.execPath,
      program,
    ],
    { encoding: 'utf8' },
  );
  assert.deepEqual([ended.status, ended.stdout], [0, 'LS-FED-008'], ended.stderr);
});
