import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { migrate } from '../../cloud/compose/migrate.ts';
import { prunesOf } from '../../cloud/compose/retention.ts';
import { openPlaces, type OpenedPlaces } from '../../cloud/compose/state.ts';
import { closeStores, makeStores, openStores, type Stores } from '../../cloud/compose/stores.ts';
import { postgresFor } from '../cli/testing/on-postgres.ts';

const recorded = join(import.meta.dirname, 'v0.1.0', 'folder.tar.gz');

/** The recorded folder and an empty database. */
async function rig(t: TestContext) {
  const { config, look } = await postgresFor(t);
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-moved-'));
  t.after(() => rmSync(folder, { recursive: true }));
  execFileSync('tar', ['-xzf', recorded, '-C', folder]);
  const data = join(folder, 'cloud');
  return {
    config,
    look,
    data,
    state: join(data, 'state.sqlite'),
    planner: join(data, 'planner.sqlite'),
    /** Migrates like a separate process, which may be cut off while it copies `cutAt`. Returns the tables whose rows it copied. */
    move: async (cutAt?: string) => {
      const postgres = look();
      const copied: string[] = [];
      const report = (table: string, done: number): void => {
        if (done === 0) return;
        copied.push(table);
        if (table === cutAt) throw new Error('cut');
      };
      try {
        return { copied, moved: await migrate({ data, postgres, copied: report, compared: () => undefined }) };
      } finally {
        await postgres.close();
      }
    },
    /** Opens the stores as a running cloud does. */
    run: async <T>(work: (stores: Stores, places: OpenedPlaces) => Promise<T>): Promise<T> => {
      const places = await openPlaces(data, config);
      const stores = makeStores(data, places, assert.ifError);
      try {
        await openStores(stores);
        return await work(stores, places);
      } finally {
        closeStores(stores);
        await places.close();
      }
    },
  };
}

const forecastsIn = (file: string): string[] => {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db
      .prepare('SELECT id FROM forecast ORDER BY number')
      .all()
      .map(({ id }) => String(id));
  } finally {
    db.close();
  }
};

test('a recorded 0.1.0 folder migrates to PostgreSQL after an interruption, corruption and a fresh start', async (t) => {
  const { config, look, data, state, planner, move, run } = await rig(t);
  await assert.rejects(move('command'), { message: 'cut' });
  const { cloud: first } = JSON.parse(readFileSync(join(data, 'migrating.json'), 'utf8')) as { readonly cloud: string };
  await assert.rejects(openPlaces(data, config), {
    code: 'LS-STATE-002',
    message: /\.sqlite contains state of this cloud/,
  });

  // The cloud continues with its folder, so the copied rows no longer count.
  const inFolder = await openPlaces(data, undefined);
  await inFolder.close();
  assert.equal(existsSync(join(data, 'migrating.json')), false);
  await assert.rejects(move('command'), { message: 'cut' });
  const { cloud: second } = JSON.parse(readFileSync(join(data, 'migrating.json'), 'utf8')) as {
    readonly cloud: string;
  };
  assert.notEqual(second, first);

  const spoil = look();
  await spoil.look("UPDATE alarm SET body = body || ' '");
  await assert.rejects(move(), { code: 'LS-STATE-004', message: /^alarm: / });
  assert.equal(existsSync(state), true, 'the folder is unchanged');
  await spoil.look('UPDATE alarm SET body = left(body, -1)');
  await spoil.close();

  const { moved } = await move();
  t.diagnostic(`${moved!.rows} rows of ${moved!.tables} tables, ${moved!.gateways} gateways`);
  assert.ok(moved!.rows > 100 && moved!.tables > 30 && moved!.gateways === 2);
  for (const file of [state, planner])
    assert.deepEqual(
      [existsSync(file), existsSync(`${file}.migrated`), existsSync(`${file}-wal`)],
      [false, true, false],
    );
  assert.equal((await move()).moved, undefined, 'it was migrated before');

  const ids = forecastsIn(`${planner}.migrated`);
  assert.ok(ids.length > 0);
  for (const file of [state, planner]) rmSync(`${file}.migrated`);
  await run(async (stores, { left }) => {
    assert.equal(left, undefined);
    assert.ok((await stores.models.list()).length > 0);
    assert.ok((await stores.births.load()).length === 2);
    for (const id of ids) assert.ok(await stores.forecasts.get(id), id);
    const later = Date.UTC(2100, 0, 1);
    for (const prune of prunesOf(stores, {})) await prune({ plant: later, machine: later });
    assert.equal(await stores.forecasts.get(ids[0]!), undefined, 'it expires as usual');
  });
  assert.deepEqual([existsSync(state), existsSync(planner)], [false, false]);
});

test('data of an earlier version in planner.sqlite stays in use until it migrates, without loss', async (t) => {
  const { look, data, planner, move, run } = await rig(t);
  await move();
  // The state of that earlier version: the database has no bulk tables, and the mark does not mention them.
  renameSync(`${planner}.migrated`, planner);
  const database = look();
  await database.look(
    'DROP TABLE forecast, tracker, error_path, moment, scenario, result, backtest, vintage, value, upload',
  );
  await database.look(
    "DELETE FROM store WHERE name IN ('forecasts', 'moments', 'scenarios', 'backtests', 'weather', 'uploads')",
  );
  await database.look("UPDATE model SET release = 'since then'");
  const mark = join(data, 'postgres.json');
  const { all, ...before } = JSON.parse(readFileSync(mark, 'utf8')) as Record<string, unknown>;
  assert.equal(all, true);
  writeFileSync(mark, JSON.stringify(before));
  const [first] = forecastsIn(planner);
  const goesOn = (id: string): Promise<void> =>
    run(async ({ forecasts }, { left }) => {
      assert.equal(left, planner);
      await forecasts.put([{ ...(await forecasts.get(first!))!, id }]);
      await forecasts.keepTrackerState('last', { id });
    });
  await goesOn('one');
  for (let n = 0; n < 2; n++) await assert.rejects(move('tracker'), { message: 'cut' });
  assert.equal((await database.look('SELECT id FROM forecast')).length, forecastsIn(planner).length);
  // The cloud continues with its file, so the copied rows no longer count.
  await goesOn('two');
  const ids = forecastsIn(planner);
  const { moved } = await move();
  t.diagnostic(`${moved!.rows} rows of ${moved!.tables} tables`);
  assert.deepEqual([moved!.tables, moved!.gateways], [10, undefined]);
  assert.deepEqual([existsSync(planner), existsSync(`${planner}.migrated`)], [false, true]);
  await run(async ({ forecasts, models }, { left }) => {
    assert.equal(left, undefined);
    for (const id of ids) assert.ok(await forecasts.get(id), id);
    assert.deepEqual(await forecasts.trackerState('last'), { id: 'two' });
    const [model] = await models.list();
    assert.equal(model!.release, 'since then', 'tables migrated before are left alone');
  });

  // A migration cut before its last step completes; data that an older version has written since is not taken as copied.
  cpSync(`${planner}.migrated`, planner);
  await assert.rejects(
    run(async () => undefined),
    { code: 'LS-STATE-002', message: /planner\.sqlite contains state of this cloud.*with "loadstone cloud migrate"$/ },
  );
  assert.deepEqual((await move()).copied, []);
  assert.equal(existsSync(planner), false);
  await run(({ forecasts }) => forecasts.keepTrackerState('last', { id: 'three' }));
  cpSync(`${planner}.migrated`, planner);
  await assert.rejects(move(), { code: 'LS-STATE-004', message: /^tracker: state of row \d+ by its key/ });
  assert.equal(existsSync(planner), true);
});
