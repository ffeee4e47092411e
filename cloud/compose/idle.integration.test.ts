import assert from 'node:assert/strict';
import files from 'node:fs/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatementSync } from 'node:sqlite';
import { mock, test } from 'node:test';
import { run as runPki } from '../cli/pki.ts';
import { machineMonotonicMs, SystemClock } from '../../shared/time/system-clock.ts';
import { START } from '../api/testing/api-fixture.ts';
import { startCloud } from '../main.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import type { ToCloud } from '../simulation/parent-line.ts';

const WINDOW_MS = 5_000;
const WINDOWS = 30;
/** A check that runs every few seconds may fall into a window twice. */
const MOST = 2;
const { machine } = new SystemClock(() => undefined);
const pause = (ms: number): Promise<void> => new Promise((resolve) => machine.after(ms, resolve));

test('while idle, the main thread does not query a store or check a file every second', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'idle-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  writeFileSync(join(data, 'region.json'), JSON.stringify(testRegion('owd', 'whf')));
  await runPki(['init', '--data', join(data, 'cloud')]);
  const line = { plantOriginMs: START, monotonicOriginMs: machineMonotonicMs(), speed: 0 };
  const cloud = await startCloud({
    file: 'test',
    text: `region: ${join(data, 'region.json')}\ndata: ${join(data, 'cloud')}\napi: { port: 0 }\nuplink: { port: 0 }\n`,
    flags: {},
    dashboardRoot: undefined,
    parent: {
      send: () => true,
      on: (_event: 'message', listener: (message: ToCloud) => void) => listener({ type: 'timeline', line }),
    },
    log: () => undefined,
  });
  t.after(() => cloud.stop());
  const asked: string[] = [];
  let often: object[] = [];
  for (const method of ['get', 'all', 'run'] as const) {
    const { [method]: real } = StatementSync.prototype;
    mock.method(StatementSync.prototype, method, function (this: StatementSync, ...values: never[]) {
      asked.push(this.sourceSQL.replaceAll(/\s+/g, ' ').slice(0, 90));
      return Reflect.apply(real, this, values) as never;
    });
  }
  const { stat } = files;
  mock.method(files, 'stat', (path: string, options: { bigint: true }) => {
    asked.push(`stat ${path.replace(data, '')}`);
    return stat(path, options);
  });
  syncBuiltinESMExports();
  t.after(() => {
    mock.restoreAll();
    syncBuiltinESMExports();
  });
  // Lets the work caused by the start finish first.
  for (let window = 0; window < WINDOWS; window++) {
    asked.length = 0;
    await pause(WINDOW_MS);
    const each = [...Map.groupBy(asked, (what) => what)].map(([what, { length }]) => ({ what, length }));
    t.diagnostic(
      `${asked.length} in ${WINDOW_MS / 1000} s: ${each.map(({ what, length }) => `${length} x ${what}`).join('; ')}`,
    );
    often = each.filter(({ length }) => length > MOST);
    if (often.length === 0) break;
  }
  assert.deepEqual(often, []);
});
