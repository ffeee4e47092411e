import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { plannerFixture, QUARTER_MS } from '../testing/planner-fixture.ts';
import { plannerClient, ProblemError } from './client.ts';
import { clientOf, type OpenApi } from './generate.ts';

const rig = await plannerFixture();
after(() => rig.close());
await rig.live(4);
await rig.app.listen({ host: '127.0.0.1', port: 0 });
const { port } = rig.app.server.address() as { port: number };
const client = plannerClient({ baseUrl: `http://127.0.0.1:${port}`, token: TOKEN });
const at = (quarters: number): string => new Date(START + quarters * QUARTER_MS).toISOString();

test('the client matches the document (else run npm run generate:client)', () => {
  const text = readFileSync(new URL('./client.ts', import.meta.url), 'utf8');
  assert.equal(text, clientOf(rig.app.swagger() as unknown as OpenApi));
});

test('the client fetches a forecast and its vintages, and follows a job to its end', async () => {
  const forecast = await client.newestSubstationForecast('owd', { quantiles: '0.1,0.5' });
  assert.equal(forecast.signConvention, 'consumption-positive');
  const { items } = await client.listVintages({ target: 'substation:owd', start: at(4), end: at(5) });
  assert.equal(items[0]!.forecastId, forecast.id);
  assert.equal((await client.getForecast(forecast.id)).id, forecast.id);
  const accepted = await client.startForecast({ target: 'substation:owd' }, { 'idempotency-key': 'once' });
  const again = await client.startForecast({ target: 'substation:owd' }, { 'idempotency-key': 'once' });
  assert.equal(accepted.id, again.id);
  const job = await client.getJob(accepted.id);
  assert.ok(['queued', 'running', 'succeeded'].includes(job.status));
});

test('the client downloads files: CSV and Parquet tables, and job results', async () => {
  const span = { start: at(4), end: at(5) };
  const csv = await client.listVintagesFile({ target: 'substation:owd', ...span, format: 'csv' });
  assert.match(new TextDecoder().decode(csv), /^target,start,issuedAt,/);
  const parquet = await client.listVintagesFile({ target: 'substation:owd', ...span, format: 'parquet' });
  assert.equal(new TextDecoder().decode(parquet.slice(0, 4)), 'PAR1');
  const asked = { kind: 'measurements', target: 'substation:owd', start: at(-8), end: at(0), format: 'csv' } as const;
  const { id } = await client.startExport(asked);
  await rig.jobs.finished(id, 60_000);
  const done = (await client.getJob(id)).result!.href.split('/').at(-1)!;
  const written = new TextDecoder().decode(await client.getExportFile(done));
  assert.match(written, /^target,start,value,/);
  const refused = await client.getBacktestPredictions('bt_nowhere').catch((error: unknown) => error);
  assert.ok(refused instanceof ProblemError);
});

test('the client throws a rejection as an error with its code', async () => {
  const refused = await client.getForecast('fc_nowhere').catch((error: unknown) => error);
  assert.ok(refused instanceof ProblemError);
  assert.equal(refused.problem.code, 'LS-API-004');
  assert.equal(refused.problem.status, 404);
});
