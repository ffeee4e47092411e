import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Quarantine } from '../ingest/quarantine.ts';
import { cookieName } from './callers/credentials.ts';
import { buildApi } from './app.ts';
import { fixtureDeps } from './testing/api-fixture.ts';

const T0 = Date.parse('2021-09-24T22:00:00Z');
const quarantine = new Quarantine();
for (let n = 0; n < 3; n++) {
  const message = {
    time: T0 + n * 1000,
    gateway: `owd-0${n}`,
    topic: 'spBv1.0/north/DDATA/x/y',
    payload: Buffer.from([n]),
  };
  quarantine.add(message, { code: n === 2 ? 'LS-INGEST-003' : 'LS-INGEST-001', detail: `number ${n}` });
}
const journal = { stored: 9, missing: 0, refused: 1, dropped: 0, lost: 4, complete: false, reasons: { damaged: 4 } };
const whole = { stored: 9, missing: 0, refused: 0, dropped: 0, lost: 0, complete: true, reasons: {} };
const deps = fixtureDeps({
  own: {
    grid: {
      journals: () => [
        { gateway: 'owd-01', ...journal },
        { gateway: 'whf-01', ...whole },
      ],
      quarantine: () => ({ counts: quarantine.counts(), samples: quarantine.samples() }),
    },
  },
});
const { app } = await buildApi(deps);
after(() => app.close());
await deps.people.ensureUser({ name: 'anna', roles: ['engineer'], areas: '*' }, 'a-long-password');
const session = await deps.people.signIn('anna', 'a-long-password');
const host = { host: 'localhost:8080' };
const cookie = `${cookieName(deps)}=${session}`;
const get = (url: string) => app.inject({ url, headers: { ...host, cookie } });

test('samples are counted by code and listed newest first, filtered by gateway or code', async () => {
  const answer = await get('/v1/quarantine');
  assert.equal(answer.statusCode, 200, answer.body);
  const { codes, counts, journals, samples } = answer.json();
  assert.deepEqual(counts, { 'LS-INGEST-001': 2, 'LS-INGEST-003': 1 });
  assert.deepEqual(
    codes.map(({ code, count, title }: Record<string, unknown>) => [code, count, title]),
    [
      ['LS-INGEST-001', 2, 'Payload cannot be decoded'],
      ['LS-INGEST-003', 1, 'Time is too far from now'],
    ],
  );
  const { stored: _stored, complete: _complete, ...shown } = journal;
  assert.deepEqual(journals, [{ gateway: 'owd-01', ...shown }]);
  assert.deepEqual(
    samples.map(({ detail, payload, time }: Record<string, unknown>) => [detail, payload, time]),
    [
      ['number 2', 'Ag==', '2021-09-24T22:00:02Z'],
      ['number 1', 'AQ==', '2021-09-24T22:00:01Z'],
      ['number 0', 'AA==', '2021-09-24T22:00:00Z'],
    ],
  );
  const details = async (query: string): Promise<string[]> =>
    (await get(`/v1/quarantine?${query}`)).json().samples.map(({ detail }: { detail: string }) => detail);
  assert.deepEqual(await details('gateway=owd-01'), ['number 1']);
  assert.deepEqual(await details('code=LS-INGEST-001&limit=1'), ['number 1']);
  assert.equal((await get('/v1/quarantine?limit=0')).statusCode, 400);
});

test('samples are exported as a table', async () => {
  const answer = await get('/v1/quarantine?format=csv&code=LS-INGEST-003');
  assert.match(String(answer.headers['content-type']), /^text\/csv/);
  assert.match(answer.body, /^time,gateway,topic,code,detail,bytes,payload\r\n2021-09-24T22:00:02Z,owd-02,/);
});

test('only operators and engineers may see payload bytes', async () => {
  assert.equal((await app.inject({ url: '/v1/quarantine', headers: host })).statusCode, 403);
});
