import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../shared/testing/until.ts';
import { startCloud } from '../main.ts';
import { testRegion } from '../plan/testing/fixture.ts';

test('/health shows store, broker, clock and disk, and answers 503 with the reason if one fails', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ls-health-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'users.htpasswd'), '');
  writeFileSync(join(folder, 'region.json'), JSON.stringify(testRegion('owd')));
  const cloud = await startCloud({
    file: 'test',
    text: `region: ${folder}/region.json\ndata: ${data}\napi: { port: 0 }\nuplink: { plainPort: 0 }\n`,
    flags: {},
    dashboardRoot: undefined,
    parent: undefined,
    log: () => undefined,
  });
  t.after(() => cloud.stop());
  const health = async () => {
    const answer = await fetch(`${cloud.url}/health`);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const good = { ok: true, store: 'ok', broker: 'ok', clock: 'ok', disk: 'ok' };
  assert.deepEqual(await health(), { status: 200, body: good });

  // As after a clock was set back: the cloud's files are from the future.
  const audit = join(data, 'audit.jsonl');
  const tomorrow = Date.now() / 1000 + 86_400;
  utimesSync(audit, tomorrow, tomorrow);
  const { status, body } = await until('the fault is shown', async () => {
    const answer = await health();
    return answer.status !== 200 && answer;
  });
  assert.deepEqual([status, body['ok'], body['broker']], [503, false, 'ok']);
  assert.match(String(body['clock']), /^is \d+ s behind the newest stored file/);
});
