import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { migrate } from '../../cloud/compose/migrate.ts';
import { openPlaces } from '../../cloud/compose/state.ts';
import { closeStores, makeStores, openStores } from '../../cloud/compose/stores.ts';
import { postgresFor } from '../cli/testing/on-postgres.ts';

const recorded = join(import.meta.dirname, 'v0.1.0', 'folder.tar.gz');

test('the recorded folder of version 0.1.0 moves to PostgreSQL: interrupted, spoilt on the way, begun anew, whole', async (t) => {
  const { config, look } = await postgresFor(t);
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-moved-'));
  t.after(() => rmSync(folder, { recursive: true }));
  execFileSync('tar', ['-xzf', recorded, '-C', folder]);
  const data = join(folder, 'cloud');
  const state = join(data, 'state.sqlite');

  /** As a process of its own. Answers which tables it copied rows of. */
  const move = async (onCopied: (table: string) => void = () => undefined) => {
    const postgres = look();
    const copied: string[] = [];
    const report = (table: string, done: number): void => {
      if (done === 0) return;
      copied.push(table);
      onCopied(table);
    };
    try {
      return { copied, moved: await migrate({ data, postgres, copied: report, compared: () => undefined }) };
    } finally {
      await postgres.close();
    }
  };
  const cut = (table: string): void => {
    if (table === 'command') throw new Error('cut');
  };
  await assert.rejects(move(cut), { message: 'cut' });
  const { cloud: first } = JSON.parse(readFileSync(join(data, 'migrating.json'), 'utf8')) as { readonly cloud: string };
  await assert.rejects(openPlaces(data, config), {
    code: 'LS-STATE-002',
    message: /\.sqlite holds state of this cloud/,
  });

  // The cloud goes on with its folder: what was copied counts no more.
  const inFolder = await openPlaces(data, undefined);
  await inFolder.close();
  assert.equal(existsSync(join(data, 'migrating.json')), false);
  await assert.rejects(move(cut), { message: 'cut' });
  const { cloud: second } = JSON.parse(readFileSync(join(data, 'migrating.json'), 'utf8')) as {
    readonly cloud: string;
  };
  assert.notEqual(second, first);

  const spoil = look();
  await spoil.look("UPDATE alarm SET body = body || ' '");
  await assert.rejects(move(), { code: 'LS-STATE-004', message: /^alarm: / });
  assert.equal(existsSync(state), true, 'the folder is as it was');
  await spoil.look('UPDATE alarm SET body = left(body, -1)');
  await spoil.close();

  const { moved } = await move();
  t.diagnostic(`${moved!.rows} rows of ${moved!.tables} tables, ${moved!.gateways} gateways`);
  assert.ok(moved!.rows > 100 && moved!.tables > 30 && moved!.gateways === 2);
  assert.deepEqual(
    [existsSync(state), existsSync(`${state}.migrated`), existsSync(`${state}-wal`)],
    [false, true, false],
  );
  assert.equal((await move()).moved, undefined, 'it was moved before');

  rmSync(`${state}.migrated`);
  const places = await openPlaces(data, config);
  const stores = makeStores(data, places, assert.ifError);
  await openStores(stores);
  assert.ok((await stores.models.list()).length > 0);
  assert.ok((await stores.births.load()).length === 2);
  closeStores(stores);
  await places.close();
});
