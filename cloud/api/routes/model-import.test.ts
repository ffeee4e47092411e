import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AuditFacts } from '../../audit/audit-entry.ts';
import type { ImportOffer } from '../../forecast/registry/import/model-import.ts';
import { foreignOffer, importRig, simpleOffer, standIn } from '../../forecast/registry/import/testing/import-rig.ts';
import { simpleModel } from '../../forecast/registry/import/testing/simple-models.ts';
import { memoryAudit, TOKEN } from '../testing/api-fixture.ts';
import { meteredRegion, modelsOf, PART_TOKEN, plannerFixture } from '../testing/planner-fixture.ts';

const base = meteredRegion();
const region = { ...base, substations: [{ ...base.substations[0]!, id: 'hal' }] };
const models = importRig();
await standIn(models.registry);
const acts: Partial<AuditFacts>[] = [];
const audit = memoryAudit();
const rig = await plannerFixture({
  region,
  models: models.registry,
  own: { models: modelsOf(models.forecasts, models.importer) },
  audit: { ...audit, append: (facts) => (acts.push(facts), audit.append(facts)) },
});
const folder = mkdtempSync(join(tmpdir(), 'loadstone-import-'));
after(async () => {
  await rig.close();
  await models.close();
  rmSync(folder, { recursive: true });
});

const manifestOf = ({ manifest }: ImportOffer) => ({
  ...manifest,
  trainedFrom: new Date(manifest.trainedFrom).toISOString(),
  trainedUpTo: new Date(manifest.trainedUpTo).toISOString(),
});
const post = (offer: ImportOffer, token: string) =>
  rig.ask('POST', '/v1/models', {
    token,
    payload: { onnx: Buffer.from(offer.bytes).toString('base64'), manifest: manifestOf(offer), reason: 'a test of it' },
  });

test('a model is imported once and only with the right; each attempt is audited', async () => {
  assert.equal((await post(foreignOffer(), PART_TOKEN)).statusCode, 403);
  const first = await post(foreignOffer(), TOKEN);
  assert.equal(first.statusCode, 201, first.body);
  const { id, state, gate, transitions, energy, reductions } = first.json();
  assert.deepEqual([energy.inferenceMs, energy.assumed.coreW], [0, 10], 'virtual time stands still while it runs');
  assert.deepEqual(reductions, [], 'reductions made elsewhere are unknown here');
  assert.deepEqual([state, gate.passes, transitions.length], ['shadow', true, 2]);
  assert.equal(first.headers.location, `/v1/models/${id}`);
  const again = await post(foreignOffer(), TOKEN);
  assert.deepEqual([again.statusCode, again.json().id], [200, id]);
  const worse = simpleOffer(simpleModel({ shiftKw: 5 }), { parity: { inputs: [], outputs: [] } });
  const refused = await post(worse, TOKEN);
  assert.deepEqual([refused.statusCode, refused.json().code], [422, 'LS-MODEL-008']);
  const late = await post({ ...worse, manifest: { ...worse.manifest, steps: 7 } }, TOKEN);
  assert.deepEqual([late.json().code, late.json().errors[0].pointer], ['LS-MODEL-004', '/body/manifest/steps']);
  assert.deepEqual(
    acts.map(({ on, to, outcome }) => [on, to, outcome]),
    [
      [undefined, undefined, 'LS-API-003'],
      [`model:${id}`, 'shadow', 'done'],
      [`model:${id}`, 'shadow', 'done'],
      ['model of substation:hal (gateway)', 'simple', 'LS-MODEL-008'],
      ['model of substation:hal (gateway)', 'simple', 'LS-MODEL-004'],
    ],
  );
});

test('a body that is not a model is rejected before it is inspected', async () => {
  const offer = simpleOffer();
  const good = { onnx: 'AAAA', manifest: manifestOf(offer), reason: 'a test of it' };
  for (const payload of [
    { ...good, onnx: '<html>' },
    { ...good, manifest: { ...good.manifest, unknown: 1 } },
    { ...good, reason: '   ' },
    { ...good, manifest: { ...good.manifest, trainedUpTo: 'yesterday' } },
  ])
    assert.equal(
      (await rig.ask('POST', '/v1/models', { token: TOKEN, payload })).statusCode,
      400,
      JSON.stringify(payload).slice(0, 60),
    );
});

test('the command line imports files and reports the result of each, and what is missing', async () => {
  const url = await rig.app.listen({ port: 0, host: '127.0.0.1' });
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const offer = foreignOffer();
  const good = file('good.onnx', offer.bytes);
  file('good.json', JSON.stringify(manifestOf(offer)));
  const bad = file('bad.onnx', 'not a model at all');
  file('bad.json', JSON.stringify(manifestOf(simpleOffer())));
  const token = file('token', `${TOKEN}\n`);
  const launcher = fileURLToPath(new URL('../../../deploy/loadstone.mjs', import.meta.url));
  const run = async (...args: string[]): Promise<{ code: number; said: string }> => {
    const child = spawn(process.execPath, [launcher, 'models', 'import', ...args]);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
    const [code] = await once(child, 'close');
    return { code, said };
  };
  const common = ['--url', url, '--token-file', token, '--reason', 'from a file'];
  const both = await run(good, bad, ...common);
  assert.equal(both.code, 1, both.said);
  assert.match(both.said, /good\.onnx: substation-hal-gateway-\S+ is shadow \(already imported\): .*better than/);
  assert.match(both.said, /bad\.onnx: refused, LS-MODEL-005 /);
  assert.equal((await run(good, ...common)).code, 0);
  const bare = await run(good);
  assert.equal(bare.code, 2);
  assert.match(bare.said, /--token-file is missing/);
  assert.match((await run(good, '--url', 'http://127.0.0.1:1', ...common.slice(2))).said, /does not answer/);
  assert.match((await run(join(folder, 'none.onnx'), ...common)).said, /LS-CONFIG-003.*none\.json/);
});
