import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pino } from 'pino';
import { startCloud, type RunningCloud } from '../../cloud/main.ts';
import type { ToCloud } from '../../cloud/simulation/parent-line.ts';
import { startDaemon, type Daemon } from '../../edge/compose-daemon.ts';
import { loadConfig } from '../../edge/config/load.ts';
import { readRecord } from '../../edge/journal/record.ts';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { until } from '../../shared/testing/until.ts';
import { freePorts } from '../testing/free-ports.ts';

/**
 * Data folders of version 0.1.0 (commit 3f009d6), recorded by its demo of two substations. A person overrode, tagged, shelved, uploaded and
 * requested forecasts, then every process was killed with -9. `answers.json` holds the answers of that version's API before the kill. To
 * keep the file small, measurements before 2021-09-24T22:00Z and the models of all but two targets were removed. Acknowledgements above
 * offset 2000 of the measurements and 40 of the events were removed from ledger and journal account, so that there is a backlog.
 */
const recorded = join(import.meta.dirname, 'v0.1.0');
/** A few seconds of plant time after the kill. */
const RESUMED = Date.UTC(2021, 8, 25, 1, 2);
/** Token in the folder of the 0.1.0 demo; it grants every right. */
const TOKEN = 'cloud/token';

interface Row {
  readonly [key: string]: unknown;
}
const said = JSON.parse(readFileSync(join(recorded, 'answers.json'), 'utf8')) as Record<string, readonly Row[]> & {
  readonly auditEntries: number;
  readonly upload: Row;
};

const folder = mkdtempSync(join(tmpdir(), 'loadstone-old-'));
let cloud: RunningCloud;
let daemon: Daemon;
/** Frames in the journal of the killed gateway, by stream. */
const held = { measurements: 0, events: 0 };

async function get(path: string): Promise<Row> {
  const token = readFileSync(join(folder, TOKEN), 'utf8').trim();
  const answer = await fetch(`${cloud.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const body = (await answer.json()) as Row;
  assert.equal(answer.status, 200, `${path}: ${JSON.stringify(body)}`);
  return body;
}
const list = async (path: string): Promise<readonly Row[]> => (await get(path))['items'] as readonly Row[];

/** Each expected row exists with at least its fields: v1 may add fields. */
function holds(rows: readonly Row[], expected: readonly Row[], key: string): void {
  for (const each of expected) {
    const row = rows.find((candidate) => candidate[key] === each[key]);
    assert.ok(row, `${key} ${String(each[key])} is there`);
    assert.deepEqual(Object.fromEntries(Object.keys(each).map((name) => [name, row[name]])), each);
  }
}

describe('data folders of version 0.1.0 work with this version', () => {
  before(async () => {
    execFileSync('tar', ['-xzf', join(recorded, 'folder.tar.gz'), '-C', folder]);
    const port = await freePorts(3);
    for (const file of ['cloud.yaml', 'gateways/owd-01/gateway.yaml']) {
      const text = readFileSync(join(folder, file), 'utf8');
      writeFileSync(
        join(folder, file),
        text
          .replaceAll('/tmp/v010data', folder)
          .replaceAll('18080', `${port}`)
          .replaceAll('port: 11883', `plainPort: ${port + 1}`)
          .replaceAll('11883', `${port + 1}`)
          .replaceAll('28830', `${port + 2}`),
      );
    }
    for (const stream of ['measurements', 'events'] as const) {
      for (const segment of globSync(join(folder, 'gateways/owd-01/journal', stream, '*.seg'))) {
        const bytes = readFileSync(segment);
        for (let at = 0; at < bytes.length;) {
          const found = readRecord(bytes, at);
          assert.equal(found.kind, 'record', `${segment} at ${at}`);
          if (found.kind !== 'record') break;
          held[stream] += 1;
          at = found.end;
        }
      }
    }
    const line = { plantOriginMs: RESUMED, monotonicOriginMs: machineMonotonicMs(), speed: 1 };
    const listeners: ((message: ToCloud) => void)[] = [];
    const starting = startCloud({
      file: join(folder, 'cloud.yaml'),
      text: readFileSync(join(folder, 'cloud.yaml'), 'utf8'),
      flags: {},
      dashboardRoot: undefined,
      parent: { send: () => true, on: (_event, listener) => listeners.push(listener) },
      log: () => undefined,
    });
    for (const listener of listeners) listener({ type: 'timeline', line });
    cloud = await starting;
    const config = join(folder, 'gateways/owd-01/gateway.yaml');
    daemon = await startDaemon({
      config: loadConfig(config),
      configPath: config,
      line,
      log: pino({ level: 'silent' }),
    });
  });

  after(async () => {
    await daemon?.stop();
    await cloud?.stop();
    rmSync(folder, { recursive: true });
  });

  test('acts of operators are there', async () => {
    holds(await list('/v1/annotations'), said['annotations']!, 'id');
    holds(await list('/v1/scenarios'), said['scenarios']!, 'id');
    holds(await list('/v1/users'), said['users']!, 'name');
    holds(await list('/v1/areas'), said['areas']!, 'target');
    holds(await list('/v1/overrides'), said['overrides']!, 'id');
    holds(await list('/v1/commands'), said['commands']!, 'id');
    holds(await list('/v1/interventions'), said['interventions']!, 'id');
    const alarms = await list('/v1/alarms');
    holds(
      alarms,
      said['alarms']!.map(({ id, source, code }) => ({ id, source, code })),
      'id',
    );
  });

  test('a password and a token of that version still work', async () => {
    const signIn = await fetch(`${cloud.url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'anna', password: 'recorded fixture horse' }),
    });
    assert.equal(signIn.status, 200);
  });

  test('the audit log is complete and verified', async () => {
    const verdict = await get('/v1/audit/verdict');
    assert.equal(verdict['problem'], null);
    assert.ok(Number(verdict['entries']) >= said.auditEntries);
  });

  test('models, forecasts and uploads are there', async () => {
    holds(await list('/v1/models?limit=1000'), said['models']!, 'id');
    const start = 'start=2021-09-25T00:00:00Z&end=2021-09-25T06:00:00Z&limit=5';
    holds(await list(`/v1/forecasts?target=substation:owd&${start}`), said['vintages']!.slice(0, 1), 'start');
    const hours = 'start=2021-06-20T00:00:00Z&end=2021-06-20T02:00:00Z';
    const [upload] = await list(`/v1/measurements?target=feeder:wls-1&${hours}&resolution=PT15M`);
    holds([upload!], [said.upload], 'target');
  });

  test('every frame of the killed gateway is stored once, with its backlog', async () => {
    assert.equal(held.measurements, 2472, 'frames in the recorded journal');
    const range = 'start=2021-09-25T00:00:00Z&end=2021-09-25T01:01:30Z';
    const total = await until('the backlog is stored', async () => {
      const { total: all } = await get(`/v1/gateways/owd-01/completeness?${range}`);
      const counts = all as { readonly stored: number; readonly missing: number };
      return counts.missing === 0 && counts.stored >= held.measurements ? counts : undefined;
    });
    assert.equal(total.stored, held.measurements);
  });

  test('the gateway still has its override, tag and mode', async () => {
    const own = await until('the gateway reports', async () => {
      const gateway = (await list('/v1/gateways')).find(({ id }) => id === 'owd-01');
      return (gateway?.['health'] as Row | null | undefined) ?? undefined;
    });
    const devices = own['devices'] as readonly Row[];
    assert.equal(devices.find(({ device }) => device === 'pv-2')?.['tagged'], true);
    assert.equal(devices.find(({ device }) => device === 'battery-1')?.['source'], 'override');
  });
});
