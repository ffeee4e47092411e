import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildApi } from './app.ts';
import { fixtureDeps, TOKEN } from './testing/api-fixture.ts';

const PAGE = '<!doctype html><title>Loadstone</title>';
/** Chromium's Accept header for an address typed by a user. */
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

const root = mkdtempSync(join(tmpdir(), 'loadstone-page-'));
writeFileSync(join(root, 'index.html'), PAGE);
mkdirSync(join(root, 'assets'));
writeFileSync(join(root, 'assets', 'screens.json'), JSON.stringify(['/', '/feeders/:id', '/devices']));
const { app } = await buildApi(fixtureDeps({ dashboardRoot: root }));
after(async () => {
  await app.close();
  rmSync(root, { recursive: true });
});

const ask = (url: string, accept: string | undefined, method: 'GET' | 'POST' = 'GET') =>
  app.inject({
    method,
    url,
    headers: { host: 'localhost', authorization: `Bearer ${TOKEN}`, ...(accept !== undefined && { accept }) },
  });

for (const url of ['/devics', '/feeders', '/alarms/7?x=1', '/v2', '/feeder.s'])
  test(`${url} in a browser opens the page, which reports an unknown screen`, async () => {
    const answer = await ask(url, BROWSER);
    assert.deepEqual([answer.statusCode, answer.body], [404, PAGE]);
    assert.match(String(answer.headers['content-type']), /^text\/html/);
    assert.match(String(answer.headers['content-security-policy']), /script-src 'self'/);
    assert.equal(answer.headers['cache-control'], 'no-store');
  });

for (const [what, url, accept, method] of [
  ['a program that accepts anything', '/devics', '*/*', 'GET'],
  ['a program without an Accept header', '/devics', undefined, 'GET'],
  ['a browser at the API', '/v1/devics', BROWSER, 'GET'],
  ['a browser at the page of the API', '/api/devics', BROWSER, 'GET'],
  ['a file of the page that is gone', '/assets/index-0.js', BROWSER, 'GET'],
  ['a form', '/devics', BROWSER, 'POST'],
] as const)
  test(`${what} gets an error code: ${method} ${url}`, async () => {
    const answer = await ask(url, accept, method);
    assert.equal(answer.statusCode, 404);
    assert.deepEqual([answer.json().code, answer.json().detail], ['LS-API-004', `there is no ${method} ${url}`]);
  });

test('without a page every unknown path answers with an error code', async () => {
  const bare = await buildApi(fixtureDeps({}));
  after(() => bare.app.close());
  const answer = await bare.app.inject({ url: '/devics', headers: { host: 'localhost', accept: BROWSER } });
  assert.equal(answer.json().code, 'LS-API-004');
});
