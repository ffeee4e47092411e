import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { memoryAudit, START, TOKEN } from '../testing/api-fixture.ts';
import { PART_TOKEN, plannerFixture, QUARTER_MS, READ_TOKEN } from '../testing/planner-fixture.ts';

const audit = memoryAudit();
const rig = await plannerFixture({ audit });
after(() => rig.close());
/** A time before the first gateway. */
const OLD = START - 9000 * QUARTER_MS;
const at = (quarters: number): string => new Date(OLD + quarters * QUARTER_MS).toISOString();
const send = (payload: string | Buffer, type = 'text/csv', more: object = {}) =>
  rig.ask('POST', '/v1/measurements', { token: TOKEN, payload, headers: { 'content-type': type, ...more } });
const storedValues = async (from: number, to: number): Promise<(number | null)[]> =>
  (await rig.get(`/v1/measurements?target=substation:owd&start=${at(from)}&end=${at(to)}`)).json().items[0].values;
const csv = (separator: string, ...rows: [string, string][]): string =>
  [['target', 'start', 'value'], ...rows.map((row) => ['substation:owd', ...row])]
    .map((cells) => cells.join(separator))
    .join('\n');

test('a semicolon file may use decimal commas, one style per file; pandas timestamps are read', async () => {
  const dutch = csv(';', [at(0), '3050,25'], [at(1), '-7'], [at(2), '']);
  assert.equal((await send(dutch)).statusCode, 201);
  assert.equal((await send(csv(';', [at(3), '12.5']), 'Text/CSV; charset=utf-8')).statusCode, 201);
  const pandas = at(4).replace('T', ' ').replace('.000Z', '+00:00');
  assert.equal((await send(csv(',', [pandas, '1e2']))).statusCode, 201);
  assert.deepEqual(await storedValues(0, 6), [3050.25, -7, null, 12.5, 100, null]);
});

test('invalid numbers and times are rejected with their place, never guessed', async () => {
  const refused = async (text: string) => {
    const answer = await send(text);
    return [answer.statusCode, answer.json().code, answer.json().errors?.[0]?.pointer];
  };
  const value = [400, 'LS-API-001', '/body/0/value'];
  for (const cell of ['0x10', 'NaN', '"1,5"', '1.500,25', 'Infinity', '1 500'])
    assert.deepEqual(
      await refused(csv(',', [at(8), cell.includes(',') ? `"${cell.replaceAll('"', '')}"` : cell])),
      value,
    );
  assert.deepEqual(await refused(csv(';', [at(8), '1.500,25'])), value);
  assert.deepEqual(await refused(csv(';', [at(8), '1.500'], [at(9), '1,5'])), value);
  for (const day of ['2021-02-30T00:00:00Z', '2021-04-31T00:00:00Z', '2021-06-01T24:00:00Z', '2021-06-01 00:00'])
    assert.deepEqual(await refused(csv(',', [day, '1'])), [400, 'LS-API-001', '/body/0/start']);
  assert.deepEqual(await storedValues(8, 10), [null, null]);
});

test('a compressed body or an unsupported type is rejected with the reason', async () => {
  const packed = await send(gzipSync(csv(',', [at(20), '1'])), 'text/csv', { 'content-encoding': 'gzip' });
  assert.equal(packed.statusCode, 400);
  assert.match(packed.json().detail, /Content-Encoding gzip is not accepted/);
  const form = await send('target=substation:owd', 'application/x-www-form-urlencoded');
  assert.equal(form.statusCode, 400);
  assert.match(form.json().detail, /Content-Type/);
  const text = await send(csv(',', [at(20), '1']), 'text/plain');
  assert.deepEqual([text.statusCode, text.json().code], [400, 'LS-API-001']);
  assert.match(
    text.json().detail,
    /Content-Type.*send application\/json, text\/csv or application\/vnd\.apache\.parquet/,
  );
  const nothing = await rig.ask('POST', '/v1/measurements', { token: TOKEN });
  assert.deepEqual([nothing.statusCode, nothing.json().code], [400, 'LS-API-001']);
});

test('the Parquet file that the API answers with can be posted back as it is', async () => {
  const rows: [string, string][] = [
    [at(40), '3050.25'],
    [at(41), ''],
    [at(42), '-7'],
  ];
  assert.equal((await send(csv(',', ...rows))).statusCode, 201);
  const range = `target=substation:owd&start=${at(40)}&end=${at(43)}`;
  const file = await rig.get(`/v1/measurements?${range}&format=parquet`);
  assert.equal((await rig.ask('DELETE', `/v1/measurements?${range}`, { token: TOKEN })).json().deleted, 3);
  const back = await send(file.rawPayload, 'application/vnd.apache.parquet');
  assert.deepEqual([back.statusCode, back.json().changed], [201, 3], back.body);
  assert.deepEqual(await storedValues(40, 43), [3050.25, null, -7]);
});

test('a caller with the right to write a target deletes its uploads, and only those', async () => {
  assert.equal((await send(csv(',', [at(100), '1'], [at(101), '2'], [at(102), '3']))).statusCode, 201);
  const remove = (query: string, token = TOKEN) => rig.ask('DELETE', `/v1/measurements?${query}`, { token });
  const range = `start=${at(101)}&end=${at(103)}`;
  assert.equal((await remove(`target=substation:owd&${range}`, READ_TOKEN)).statusCode, 403);
  assert.equal((await remove(`target=substation:whf&${range}`, PART_TOKEN)).statusCode, 403);
  assert.equal((await remove(`target=substation:owd&start=${at(3)}&end=${at(3)}`)).json().code, 'LS-API-007');
  assert.deepEqual((await remove(`target=substation:owd&${range}`)).json(), { target: 'substation:owd', deleted: 2 });
  assert.deepEqual(await storedValues(100, 103), [1, null, null]);
  const { on, to, outcome } = audit.entries.at(-1)!;
  assert.deepEqual({ on, to, outcome }, { on: 'substation:owd', to: { deleted: 2 }, outcome: 'done' });
});

test('uploads of a target that left the region are deleted only with the right to write everywhere', async () => {
  const values = [{ start: OLD, kw: 1, quality: 'good' as const }];
  await rig.uploads.add([{ target: 'substation:gone', resolutionS: 900, values }], () => START);
  const remove = (token: string) =>
    rig.ask('DELETE', `/v1/measurements?target=substation:gone&start=${at(0)}&end=${at(1)}`, { token });
  for (const token of [PART_TOKEN, READ_TOKEN]) assert.equal((await remove(token)).statusCode, 403);
  assert.deepEqual((await remove(TOKEN)).json(), { target: 'substation:gone', deleted: 1 });
  assert.deepEqual((await remove(TOKEN)).json().code, 'LS-API-004', 'nothing is stored for it, so it may be a typo');
});
