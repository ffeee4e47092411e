import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { memoryAudit, openedPeople, START } from '../testing/api-fixture.ts';
import { plannerFixture } from '../testing/planner-fixture.ts';

const people = openedPeople();
const audit = memoryAudit();
const rig = await plannerFixture({ people, audit });
after(() => rig.close());

test('a planner uploads inputs only for their own areas, reads all, and each upload is audited', async () => {
  await people.ensureUser({ name: 'pia', roles: ['planner'], areas: ['substation:owd'] }, 'pia-password');
  const { secret } = await people.makeToken(people.user('pia')!, {
    label: 'script',
    scopes: ['planner:read', 'planner:write'],
    days: 1,
  });
  const ask = async (method: 'POST' | 'DELETE' | 'GET', url: string, payload?: object) => {
    const headers = { host: 'localhost', authorization: `Bearer ${secret}` };
    return rig.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  };
  const at = new Date(START - 3_600_000).toISOString();
  const note = (target: string) => ({ target, kind: 'event', start: at, note: 'fair' });
  const own = await ask('POST', '/v1/annotations', note('substation:owd'));
  assert.equal(own.statusCode, 201, own.body);
  const codes = async (answers: ReturnType<typeof ask>[]) =>
    (await Promise.all(answers)).map((answer) => answer.json().code as string);
  const values = { quantile_P50: [1] };
  assert.deepEqual(
    await codes([
      ask('POST', '/v1/annotations', note('substation:whf')),
      ask('POST', '/v1/measurements', { items: [{ target: 'substation:whf', start: at, values: [1] }] }),
      ask('POST', '/v1/weather', {
        location: 'substation:whf',
        source: 'mine',
        issuedAt: at,
        start: at,
        resolution: 'PT1H',
        temperatureC: [1],
      }),
      ask('POST', '/v1/forecasts/external', {
        target: 'substation:whf',
        source: 'mine',
        issuedAt: at,
        start: at,
        resolution: 'PT15M',
        values,
      }),
    ]),
    ['LS-API-003', 'LS-API-003', 'LS-API-003', 'LS-API-003'],
  );
  assert.equal((await ask('GET', '/v1/annotations?target=substation:whf')).json().items.length, 0);
  const { id } = own.json<{ id: string }>();
  const withdrawn = await ask('DELETE', `/v1/annotations/${id}`);
  assert.equal(withdrawn.statusCode, 200, withdrawn.body);
  assert.deepEqual(
    audit.entries.map(({ who, what, on, outcome }) => [who, what, on, outcome]),
    [
      ['pia/script', 'POST /v1/annotations', 'substation:owd', 'done'],
      ['pia/script', 'POST /v1/annotations', 'substation:whf', 'LS-API-003'],
      ['pia/script', 'POST /v1/measurements', 'substation:whf', 'LS-API-003'],
      ['pia/script', 'POST /v1/weather', 'substation:whf', 'LS-API-003'],
      ['pia/script', 'POST /v1/forecasts/external', 'substation:whf', 'LS-API-003'],
      ['pia/script', 'DELETE /v1/annotations/:id', 'substation:owd', 'done'],
    ],
  );
});
