import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InfluxStore } from '../../cloud/telemetry/influx-store.ts';
import { startInflux } from '../testing/debian.ts';
import { cloudFiles, folderOf, start } from './testing/started.ts';

test('cloud check says whether InfluxDB answers, knows the database and has values', async (t) => {
  const folder = folderOf(t);
  const dir = join(folder, 'influx');
  mkdirSync(dir);
  const influx = await startInflux({ dir });
  t.after(() => influx.kill());
  const check = async (name: string, url: string): Promise<{ readonly code: number | null; readonly said: string }> => {
    mkdirSync(join(folder, name));
    const { config } = cloudFiles(join(folder, name));
    appendFileSync(config, `telemetry: { kind: influxdb, url: "${url}", database: grid }\n`);
    const { ended, said } = start(t, 'cloud', 'check', '--config', config);
    return { code: await ended, said: said() };
  };

  const fresh = await check('fresh', influx.url);
  assert.equal(fresh.code, 0, fresh.said);
  assert.match(fresh.said, /^InfluxDB +1\.x at \S+; the start creates grid$/m);

  const store = new InfluxStore({ url: influx.url, database: 'grid', create: true });
  await store.open();
  const series = { gateway: 'owd-01', device: 'feeder-1', metric: 'activePowerKw' };
  await store.write([{ series, time: 1_632_528_000_000, offset: 0, value: 1, quality: 'good', origin: 'measured' }]);
  await store.close();
  const used = await check('used', influx.url);
  assert.equal(used.code, 0, used.said);
  assert.match(used.said, /^InfluxDB +1\.x at \S+ has values of 1 gateways in grid$/m);

  const wrong = await check('wrong', `${influx.url}/influx`);
  assert.equal(wrong.code, 1, wrong.said);
  assert.match(wrong.said, /LS-STORE-001: .*telemetry\.url must be the address of the server alone/);
});
