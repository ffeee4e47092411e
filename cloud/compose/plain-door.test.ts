import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALIVE } from '../api/app.ts';
import { PlainDoor, refusedAnswer } from './plain-door.ts';

test('the plain server answers /livez with 200 even if it refuses everything else', async (t) => {
  const door = await PlainDoor.open({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    answer: () => refusedAnswer('LS-API-009', 'it stands by'),
  });
  t.after(() => door.close());
  const status = async (path: string, method = 'GET'): Promise<number> =>
    (await fetch(`http://127.0.0.1:${door.port}${path}`, { method })).status;
  assert.deepEqual([await status(ALIVE), await status('/health'), await status(ALIVE, 'POST')], [200, 503, 503]);
});
