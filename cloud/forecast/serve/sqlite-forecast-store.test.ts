import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { SqliteForecastStore } from './sqlite-forecast-store.ts';
import { forecastStoreSuite } from './testing/forecast-store-suite.ts';
import { issuedForecast } from './testing/issued-forecast.ts';

forecastStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteForecastStore(path)),
);

test('forecasts of an older version are found by horizon, and their headers name the model', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-forecasts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'planner.sqlite');
  const opened = (): SqliteForecastStore => {
    const store = new SqliteForecastStore(file);
    store.open();
    return store;
  };
  const target = 'substation:owd';
  const model = { id: 'mdl', sha256: null, members: {} };
  const forecast = (id: string, issuedAt: number, more: Partial<Forecast> = {}): Forecast =>
    issuedForecast(target, issuedAt, { id, model, ...more });
  const extension = { from: 2, model, fallback: null };
  const fallback = { level: 'linear', reason: '', since: 1 } as const;
  const written = opened();
  await written.put([
    forecast('near', 10, { fallback }),
    forecast('near-week', 20, { extension }),
    forecast('a-week', 5),
    forecast('fc_1', 30, { extension }),
  ]);
  const heads = await written.heads({ target, kind: 'issued', from: 0, to: 99 });
  written.close();
  const db = new DatabaseSync(file);
  for (const column of ['model', 'is_fallback', 'is_extended']) db.exec(`ALTER TABLE forecast DROP COLUMN ${column}`);
  db.exec("UPDATE store SET step = 4 WHERE name = 'forecasts'");
  db.close();

  const store = opened();
  t.after(() => store.close());
  assert.equal((await store.newest(target))!.id, 'near');
  assert.equal((await store.newest(target, 9))!.id, 'a-week');
  assert.equal((await store.newestWeekAhead(target, 0, 99))!.id, 'fc_1');
  assert.deepEqual(await store.heads({ target, kind: 'issued', from: 0, to: 99 }), heads);
  assert.deepEqual(
    heads.map((head) => [head.id, head.model, head.isFallback, head.copiedTo]),
    [
      ['a-week', 'mdl', false, undefined],
      ['near', 'mdl', true, undefined],
      ['near-week', 'mdl', false, 2],
      ['fc_1', 'mdl', false, undefined],
    ],
  );
});
