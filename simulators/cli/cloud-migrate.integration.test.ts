import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SqliteStore } from '../../cloud/telemetry/sqlite-store.ts';
import { until } from '../../shared/testing/until.ts';
import { account, letIn, pause, stage, underTraffic, Uplink, uplinkOf } from './testing/drill.ts';
import { postgresFor } from './testing/on-postgres.ts';
import { start } from './testing/started.ts';

test('a cloud under traffic moves to PostgreSQL: refused while it runs, killed half way, and its ledger goes on', async (t) => {
  const postgres = await postgresFor(t);
  const { config, data, folder } = stage(t);
  const moved = join(folder, 'moved.yaml');
  writeFileSync(moved, readFileSync(config, 'utf8'));
  postgres.nameIn(moved);
  await letIn(data);
  const points = (): SqliteStore => new SqliteStore({ path: join(data, 'telemetry.sqlite') });
  const uplink = new Uplink();
  t.after(() => uplink.end());
  const cloud = start(t, 'cloud', '--config', config);
  await uplink.connect(await uplinkOf(cloud));
  await underTraffic(uplink, async () => {
    const early = start(t, 'cloud', 'migrate', '--config', moved);
    assert.equal(await early.ended, 1, early.said());
    assert.match(early.said(), /LS-DATA-001: .*data is in use by/);
  });
  cloud.child.kill('SIGKILL');
  await cloud.ended;
  uplink.end();
  const before = await account(data, points());

  const cut = start(t, 'cloud', 'migrate', '--config', moved);
  await cut.says(/rows copied/);
  cut.child.kill('SIGKILL');
  await cut.ended;
  const whole = start(t, 'cloud', 'migrate', '--config', moved);
  assert.equal(await whole.ended, 0, whole.said());
  assert.match(whole.said(), /span: \d+ of \d+ rows compared/);
  assert.match(whole.said(), /\d+ rows of \d+ tables, each as in .*, the ledger of 1 gateways too/);
  assert.deepEqual(
    [existsSync(join(data, 'state.sqlite')), existsSync(join(data, 'state.sqlite.migrated'))],
    [false, true],
  );
  const after = await account(data, points(), postgres.look());
  assert.deepEqual(after.stored, before.stored);

  const next = start(t, 'cloud', '--config', moved);
  await uplink.connect(await uplinkOf(next));
  await uplink.frames(5);
  await until('acknowledged', async () => {
    await uplink.again();
    await pause(300);
    return uplink.open().length === 0 ? true : undefined;
  });
  assert.doesNotMatch(next.said(), /First sign-in/);
  next.child.kill('SIGKILL');
  await next.ended;
  const end = await account(data, points(), postgres.look());
  const all = Array.from({ length: uplink.edge.nextOffset }, (_, offset) => offset);
  assert.deepEqual(end.stored, all);
  assert.deepEqual(
    [...end.readable].toSorted((a, b) => a - b),
    all,
  );
  t.diagnostic(`${before.stored.length} stored before, ${all.length} at the end`);
});
