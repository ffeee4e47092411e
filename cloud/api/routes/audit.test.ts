import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { generateSigningKey } from '../../../shared/codec/signed-document.ts';
import { csrfOf } from '../../access/people.ts';
import { AuditLog } from '../../audit/audit-log.ts';
import { buildApi } from '../app.ts';
import { fixtureDeps, memoryAudit, openedPeople, START, TOKEN } from '../testing/api-fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'loadstone-audit-api-'));
after(() => rmSync(root, { recursive: true }));

test('the audit list is filtered, paged and exported, and verified while entries are added', async () => {
  const { privateKey } = await generateSigningKey();
  const file = join(root, 'audit.jsonl');
  let now = START;
  const audit = new AuditLog({ file, key: privateKey, now: () => now, onFailure: () => undefined });
  await audit.open();
  for (let n = 0; n < 20; n++) {
    now = START + n * 60_000;
    await audit.append({
      who: n % 2 === 0 ? 'anna' : 'ben',
      what: 'POST /v1/alarms/acknowledge',
      on: `alarms:${n}`,
      outcome: n % 5 === 0 ? 'LS-API-003' : 'done',
    });
  }
  const people = openedPeople();
  await people.ensureUser({ name: 'eva', roles: ['auditor'], areas: '*' }, 'eva-password');
  const { app } = await buildApi(fixtureDeps({ audit, people }));
  after(() => app.close());
  const session = await people.signIn('eva', 'eva-password');
  const headers = { host: 'localhost', cookie: `loadstone-session=${session}`, 'x-csrf-token': csrfOf(session) };
  const get = (url: string) => app.inject({ method: 'GET', url, headers });
  const ns = async (query: string) =>
    ((await get(`/v1/audit?${query}`)).json().items as { on: string | null }[]).map(({ on }) => on?.split(':')[1]);

  assert.deepEqual(await ns('who=anna&limit=3'), ['18', '16', '14']);
  assert.deepEqual(await ns('outcome=refused'), ['15', '10', '5', '0']);
  assert.deepEqual(await ns('from=2021-09-25T00:05:00Z&to=2021-09-25T00:08:00Z'), ['7', '6', '5']);
  assert.deepEqual(await ns('on=alarms:1&who=ben'), ['19', '17', '15', '13', '11', '1']);
  const first = (await get('/v1/audit?who=ben&limit=6')).json();
  const second = (await get(`/v1/audit?who=ben&limit=6&cursor=${first.nextCursor}`)).json();
  assert.deepEqual([first.items.length, second.items.length, second.nextCursor], [6, 4, null]);
  assert.equal((await get('/v1/audit?from=yesterday')).json().code, 'LS-API-001');

  const csv = await get('/v1/audit/export?who=anna');
  assert.match(String(csv.headers['content-disposition']), /attachment; filename="loadstone-audit\.csv"/);
  assert.equal(csv.body.trimEnd().split('\r\n').length, 11);
  const lines = (await get('/v1/audit/export?format=jsonl')).body.trimEnd().split('\n');
  assert.equal(JSON.parse(lines[0]!).what, 'audit.begin');

  assert.deepEqual((await get('/v1/audit/verdict')).json(), { entries: 21, problem: null, witness: null });
  writeFileSync(file, readFileSync(file, 'utf8').replace('"alarms:7"', '"alarms:8"'));
  const { problem } = (await get('/v1/audit/verdict')).json();
  assert.equal(problem.line, 9);
  await audit.close();
});

test('exports of the audit list read it one after the other', async () => {
  const audit = memoryAudit();
  for (let n = 0; n < 1200; n++) await audit.append({ who: 'anna', what: 'note', outcome: 'done' });
  const pages: (number | undefined)[] = [];
  const list: typeof audit.list = (page) => {
    pages.push(page.before);
    return audit.list(page);
  };
  const { app } = await buildApi(fixtureDeps({ audit: { ...audit, list } }));
  after(() => app.close());
  const headers = { host: 'localhost', authorization: `Bearer ${TOKEN}` };
  const get = () => app.inject({ url: '/v1/audit/export?format=jsonl&who=nobody', headers });
  for (const answer of await Promise.all([get(), get()])) assert.deepEqual([answer.statusCode, answer.body], [200, '']);
  const one = pages.slice(0, pages.length / 2);
  assert.deepEqual(pages, [...one, ...one]);
  assert.ok(one.length > 2);
});
