import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { buildApi } from '../app.ts';
import { fixtureDeps, memoryAudit, openedPeople } from '../testing/api-fixture.ts';
import { signedIn } from '../testing/signed-in.ts';

async function rig() {
  const audit = memoryAudit();
  const people = openedPeople();
  for (const [name, role] of [
    ['anna', 'operator'],
    ['bert', 'operator'],
    ['vera', 'viewer'],
  ] as const)
    await people.ensureUser({ name, roles: [role], areas: '*' }, `${name}-password`);
  const { app } = await buildApi(fixtureDeps({ audit, people, guests: false }));
  after(() => app.close());
  const as = async (user: string) => {
    const headers = await signedIn(people, user);
    return async (method: 'GET' | 'POST', url: string, payload?: object) =>
      (await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })).json();
  };
  return { as, audit };
}

test('a note carries the name of its author, and cannot be changed or removed', async () => {
  const { as } = await rig();
  const [anna, vera] = [await as('anna'), await as('vera')];
  const note = await anna('POST', '/v1/shift/notes', { text: ' mind the pump ' });
  assert.deepEqual([note.code, note.by, note.text], ['note', 'anna', 'mind the pump']);
  assert.equal((await anna('POST', '/v1/shift/notes', { text: '  ' })).code, 'LS-API-001');
  assert.equal((await vera('POST', '/v1/shift/notes', { text: 'hello' })).code, 'LS-API-003');
  assert.deepEqual((await vera('GET', '/v1/shift/log')).items, [note]);
  for (let n = 0; n < 4; n++) await anna('POST', '/v1/shift/notes', { text: `note ${n}` });
  const first = await vera('GET', '/v1/shift/log?limit=3');
  const second = await vera('GET', `/v1/shift/log?limit=3&cursor=${first.nextCursor}`);
  assert.deepEqual(
    [...first.items, ...second.items].map(({ text }: { text: string }) => text),
    ['note 3', 'note 2', 'note 1', 'note 0', 'mind the pump'],
  );
  assert.equal(second.nextCursor, null);
});

test('both signatures of a hand-over are audited, and so is a refused one', async () => {
  const { as, audit } = await rig();
  const [anna, bert, vera] = [await as('anna'), await as('bert'), await as('vera')];
  assert.deepEqual((await vera('GET', '/v1/shift')).waiting, null);
  assert.equal((await vera('POST', '/v1/shift/hand-overs', { remark: '' })).code, 'LS-API-003');
  const { id } = await anna('POST', '/v1/shift/hand-overs', { remark: 'all quiet' });
  const take = `/v1/shift/hand-overs/${id}/take-over`;
  assert.equal((await anna('POST', take)).code, 'LS-SHIFT-001');
  assert.equal((await vera('POST', take)).code, 'LS-API-003');
  assert.equal((await vera('GET', '/v1/shift')).waiting.id, id);
  assert.equal((await bert('POST', take)).takenBy, 'bert');
  assert.equal((await bert('POST', take)).code, 'LS-SHIFT-002');
  const read = await vera('GET', `/v1/shift/hand-overs/${id}`);
  assert.deepEqual([read.signedBy, read.takenBy, read.remark], ['anna', 'bert', 'all quiet']);
  assert.deepEqual((await vera('GET', '/v1/shift/hand-overs')).items, [read]);
  assert.equal((await vera('GET', '/v1/shift/hand-overs/77')).code, 'LS-API-004');
  assert.deepEqual(
    audit.entries
      .filter(({ what }) => what.includes('/shift/'))
      .map(({ who, what, on, outcome, why }) => [who, what.split('/').at(-1), on, outcome, why]),
    [
      ['vera', 'hand-overs', undefined, 'LS-API-003', undefined],
      ['anna', 'hand-overs', `hand-over:${id}`, 'done', 'all quiet'],
      ['anna', 'take-over', `hand-over:${id}`, 'LS-SHIFT-001', undefined],
      ['vera', 'take-over', undefined, 'LS-API-003', undefined],
      ['bert', 'take-over', `hand-over:${id}`, 'done', undefined],
      ['bert', 'take-over', `hand-over:${id}`, 'LS-SHIFT-002', undefined],
    ],
  );
});
