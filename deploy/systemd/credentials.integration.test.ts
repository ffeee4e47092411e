import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { boot, hindrance } from '../testing/own-machine.ts';

/** Reports what the program of a unit can read: its credential by the variable and by the path beside it, and the stored secret. */
const LOOK = `#!/bin/sh
name=$1
cat "$CREDENTIALS_DIRECTORY/$name.secret" > /mnt/$name.given
cat "/run/credentials/$name.service/$name.secret" > /mnt/$name.beside
cat "/etc/credstore/$name.secret" > /mnt/$name.on-disk 2>/dev/null || echo refused > /mnt/$name.on-disk
ls "$CREDENTIALS_DIRECTORY" > /mnt/$name.all
systemd-notify --ready
exec sleep 600
`;

test('under a real systemd each unit passes only its own credentials to its user, and their source stays private', async (t) => {
  const why = hindrance();
  if (why !== undefined) {
    t.skip(why);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'ls-credentials-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  writeFileSync(join(shared, 'look'), LOOK, { mode: 0o755 });
  const units = ['loadstone-edge', 'loadstone-cloud'] as const;
  for (const name of units) {
    // The original unit with a test program, without restart and watchdog.
    const unit = readFileSync(join(import.meta.dirname, `${name}.service`), 'utf8')
      .replace(/^(Restart|WatchdogSec)=.*$/gm, '')
      .replace(/^ExecStart=.*$/m, `ExecStart=/bin/sh /mnt/look ${name}\nReadWritePaths=/mnt`);
    writeFileSync(join(shared, `${name}.service`), unit);
  }
  const { run, end } = await boot(shared, join(folder, 'root'));
  t.after(end);
  run('chmod', '0777', '/mnt');
  run('mkdir', '-p', '/etc/credstore');
  for (const name of units) {
    run('useradd', '--system', '--user-group', '--no-create-home', name);
    run('sh', '-c', `umask 077; printf 'of ${name}' > /etc/credstore/${name}.secret`);
    run('cp', `/mnt/${name}.service`, `/run/systemd/system/${name}.service`);
  }
  run('systemctl', 'daemon-reload');
  for (const name of units) {
    run('sh', '-c', `systemctl start ${name} || { journalctl --no-pager -n 20 -u ${name}; exit 1; }`);
    const seen = ['given', 'beside', 'on-disk', 'all'].map((file) =>
      readFileSync(join(shared, `${name}.${file}`), 'utf8'),
    );
    assert.deepEqual(seen, [`of ${name}`, `of ${name}`, 'refused\n', `${name}.secret\n`]);
    // Like `check` beside the running service.
    const given = `/run/credentials/${name}.service/${name}.secret`;
    for (const user of ['root', name]) run('runuser', '-u', user, '--', 'grep', '-x', `of ${name}`, given);
    for (const other of units.filter((each) => each !== name))
      run('runuser', '-u', other, '--', 'sh', '-c', `! cat ${given}`);
    run('systemctl', 'stop', name);
    run('test', '!', '-e', given);
  }
});
