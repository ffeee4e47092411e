import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { startInflux } from '../../simulators/testing/debian.ts';
import { freePort } from '../../simulators/testing/free-ports.ts';
import { InfluxStore } from './influx-store.ts';
import { telemetryConformance } from './testing/conformance.ts';
import { numberedPoints, numberedSeries } from './testing/numbered-points.ts';
import { InfluxRig } from './testing/influx-rig.ts';

const influx = new InfluxRig('influx');

const make = (database: string) => new InfluxStore({ url: influx.url, database, create: true });

telemetryConformance('InfluxDB 1.6.7', {
  make: async (receivedAt) => new InfluxStore({ url: influx.url, database: 'conformance', create: true, receivedAt }),
});

/** Another server, see CONTRIBUTING.md. */
const { LOADSTONE_INFLUXDB: other, LOADSTONE_INFLUXDB_TOKEN: token } = process.env;
if (other !== undefined) {
  const server = { url: other, database: 'conformance', detect: true, ...(token === undefined ? {} : { token }) };
  telemetryConformance(`InfluxDB at ${other}`, {
    make: async (receivedAt) => new InfluxStore({ ...server, receivedAt }),
  });
}

test('an acknowledged write survives kill -9; one to a dead server fails with LS-STORE-001', async () => {
  const store = make('kill');
  await store.open();
  await store.write(numberedPoints(0, 7000));
  await influx.server.kill();
  await assert.rejects(store.write(numberedPoints(7000, 10)), { code: 'LS-STORE-001', message: /^InfluxDB at http/ });
  await assert.rejects(store.read({ series: [numberedSeries], start: 0, end: 1 }), /InfluxDB at/);
  await influx.server.start();
  await store.write(numberedPoints(7000, 10));
  const [samples] = await store.read({ series: [numberedSeries], start: 0, end: 2_000_000_000_000 });
  assert.equal(samples?.length, 7010);
  await store.close();
});

test('opens while the server is down, and creates its database once it is back', async () => {
  const port = await freePort();
  const store = new InfluxStore({ url: `http://127.0.0.1:${port}`, database: 'late', create: true });
  await store.open();
  await assert.rejects(store.write(numberedPoints(0, 1)), { code: 'LS-STORE-001' });
  const folder = join(influx.dir, 'late');
  const late = await startInflux({ port, dir: folder });
  try {
    await store.write(numberedPoints(0, 3));
    const [samples] = await store.read({ series: [numberedSeries], start: 0, end: 2_000_000_000_000 });
    assert.equal(samples?.length, 3);
  } finally {
    await store.close();
    await late.kill();
  }
});

test('a write that the server rejects is LS-STORE-002, which is not retried', async () => {
  const store = make('types');
  await store.open();
  const response = await fetch(`${influx.url}/write?db=types`, {
    method: 'POST',
    body: 'telemetry,gateway=owd-01,device=feeder-1,metric=activePowerKw value="text" 1632528000000000000',
  });
  assert.equal(response.status, 204);
  await assert.rejects(
    store.write(numberedPoints(0, 2)),
    (error) => error instanceof LoadstoneError && error.code === 'LS-STORE-002',
  );
  await store.close();
});
