import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cloudFiles, folderOf, start } from './testing/started.ts';

interface Facts {
  readonly isRunning: boolean;
  readonly bytes: number;
  readonly kinds: readonly { readonly name: string; readonly bytes: number; readonly keptDays: number | null }[];
}

test('loadstone cloud data shows the size of each kind of data, for a running and a killed cloud', async (t) => {
  const folder = folderOf(t);
  const { config, data } = cloudFiles(folder);
  const none = start(t, 'cloud', 'data', '--data', join(folder, 'elsewhere'));
  assert.equal(await none.ended, 2, none.said());
  assert.match(none.said(), /LS-CONFIG-003: data: .*elsewhere is not a data folder of a cloud/);

  const cloud = start(t, 'cloud', '--config', config);
  await cloud.says(/Loadstone cloud: http/);
  const facts = async (): Promise<Facts> => {
    const asked = start(t, 'cloud', 'data', '--config', config, '--json');
    assert.equal(await asked.ended, 0, asked.said());
    return JSON.parse(asked.said()) as Facts;
  };
  const running = await facts();
  assert.equal(running.isRunning, true);
  const events = running.kinds.find(({ name }) => name === 'events')!;
  assert.ok(events.bytes >= 4096, 'the start is an event');
  assert.equal(events.keptDays, 400);
  const sum = running.kinds.reduce((all, { bytes }) => all + bytes, 0);
  assert.ok(sum > 0 && running.bytes >= sum);

  cloud.child.kill('SIGKILL');
  await cloud.ended;
  const table = start(t, 'cloud', 'data', '--config', config);
  assert.equal(await table.ended, 0, table.said());
  assert.match(table.said(), /the cloud is stopped\n\nkind +size +per day +kept\n/);
  assert.match(table.said(), /\nraw points +\d+ kB +\S+(?: kB)? +35 days, then thinned/);
  assert.match(table.said(), /\nevents +\d+ kB +\d+ kB +400 days, at most 2,000,000 rows, oldest deleted first\n/);
  t.diagnostic(table.said());
  assert.deepEqual((await facts()).isRunning, false);
  const left = readdirSync(data).filter((name) => name.endsWith('-wal') || name.endsWith('-shm'));
  assert.deepEqual(left, [], 'the log of the killed cloud was recovered');
});
