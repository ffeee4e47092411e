import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ErrorCode } from '../../../../shared/outcome/catalogue.ts';
import { GATEWAY_QUANTILES } from '../../../../shared/forecast/quantiles.ts';
import { unwrap } from '../../../../shared/outcome/outcome.ts';
import { node } from '../graph-parts.ts';
import { writeOnnx } from '../onnx-writer.ts';
import type { ImportOffer } from './model-import.ts';
import { importRig, NOW, standIn, transformerOffer } from './testing/import-rig.ts';
import { SMALL } from './testing/patch-transformer.ts';

const DAY_MS = 86_400_000;
const STEP_MS = 900_000;
/** Leaves five days to run through. */
const T0 = NOW - 5 * DAY_MS;
const rig = importRig(undefined, T0);
after(() => rig.close());
const offer = await transformerOffer(SMALL, { now: T0 });
const incumbent = await standIn(rig.registry, 'cloud', T0);

const over = (manifest: Partial<ImportOffer['manifest']>): ImportOffer => ({
  ...offer,
  manifest: { ...offer.manifest, ...manifest },
});
const { context: _context, ...withoutContext } = offer.manifest;
const { length, covariates } = offer.manifest.context!;
const rowOf = offer.manifest.parity.inputs[0]!;
/** Every quantile is the load two days before; a gap there gives NaN. */
const gapless = writeOnnx({
  name: 'gapless',
  nodes: [
    node('Slice', ['context', 'from', 'to', 'axis'], 'recent'),
    {
      ...node(
        'Concat',
        Array.from({ length: 19 }, () => 'recent'),
        'quantiles',
      ),
      attributes: { axis: 1 },
    },
  ],
  initializers: [
    { name: 'from', dims: [1], data: [BigInt(length - 192)] },
    { name: 'to', dims: [1], data: [BigInt(length)] },
    { name: 'axis', dims: [1], data: [1n] },
  ],
  inputs: [{ name: 'context', dims: [length] }],
  outputs: [{ name: 'quantiles', dims: [192 * 19] }],
});
/** As large as its largest load value. */
const valueSized = writeOnnx({
  name: 'value-sized',
  nodes: [
    { ...node('ReduceMax', ['context'], 'most'), attributes: { keepdims: 0 } },
    { ...node('Cast', ['most'], 'size'), attributes: { to: 7 } },
    node('Reshape', ['size', 'line'], 'sizes'),
    node('Expand', ['one', 'sizes'], 'quantiles'),
  ],
  initializers: [
    { name: 'line', dims: [1], data: [1n] },
    { name: 'one', dims: [1], data: Float32Array.of(1) },
  ],
  inputs: [{ name: 'context', dims: [length] }],
  outputs: [{ name: 'quantiles', dims: [192 * 19] }],
});
const history = rowOf.slice(0, length);
const echo = Array.from({ length: 19 }, () => history.slice(-192)).flat();

const caught: readonly [string, ErrorCode, ImportOffer, RegExp][] = [
  [
    "a transformer's operators under the contract of features",
    'LS-MODEL-005',
    { ...offer, manifest: { ...withoutContext, weather: 'none' } },
    /operator \w+ is not allowed/,
  ],
  ['an unknown version of the contract', 'LS-MODEL-004', over({ featureVersion: 2 }), /version 2 of the contract/],
  [
    'weather that its manifest does not declare',
    'LS-MODEL-004',
    over({ weather: 'none' }),
    /weather none, its covariates/,
  ],
  [
    'another length than that of its graph',
    'LS-MODEL-008',
    over({ context: { length: length - 96, covariates } }),
    /has \d+ columns, not \d+/,
  ],
  [
    'one covariate fewer than its graph takes',
    'LS-MODEL-006',
    over({
      context: { length, covariates: covariates.slice(1) },
      parity: { inputs: [rowOf.slice(0, length + (length + 192) * 4)], outputs: offer.manifest.parity.outputs },
    }),
    /a row has 4128 numbers; the model takes 4992/,
  ],
  [
    'a tensor size that depends on the load',
    'LS-MODEL-005',
    { ...over({ context: { length, covariates: [] }, weather: 'none' }), bytes: valueSized },
    /the size of what Expand makes follows from a value/,
  ],
  [
    'an output that a gap in the history makes NaN',
    'LS-MODEL-007',
    {
      ...over({ context: { length, covariates: [] }, weather: 'none', parity: { inputs: [history], outputs: [echo] } }),
      bytes: gapless,
    },
    /with gaps in its history: .*not finite/,
  ],
  [
    'sun at a gateway',
    'LS-MODEL-004',
    over({ role: 'gateway', steps: 96, quantiles: [...GATEWAY_QUANTILES] }),
    /needs sun or wind, and a gateway has only the temperature/,
  ],
  [
    'more history than a gateway keeps',
    'LS-MODEL-004',
    over({
      role: 'gateway',
      steps: 96,
      quantiles: [...GATEWAY_QUANTILES],
      weather: 'none',
      context: { length: 865, covariates: [] },
    }),
    /asks for 865 steps of history, 864 are kept here/,
  ],
];

for (const [what, code, bad, reason] of caught)
  test(`${what} is rejected as ${code}, and nothing is stored`, async () => {
    const outcome = await rig.importer.take(bad);
    assert.equal(
      outcome.ok ? outcome.value.entry.reason : outcome.fault.code,
      code,
      JSON.stringify(outcome).slice(0, 400),
    );
    assert.match(outcome.ok ? '' : outcome.fault.detail, reason);
    assert.equal((await rig.registry.list()).length, 1);
  });

test('a transformer on raw history passes the gate into shadow, where it is scored against the incumbent', async () => {
  const { entry } = unwrap(await rig.importer.take(offer));
  assert.equal(entry.state, 'shadow', entry.reason);
  const { gate, days } = entry.evidence;
  assert.ok(gate!.passes && gate!.baseline.ci95[0] > 0 && gate!.incumbent!.gain > 0 && days.length >= 28, entry.reason);
  assert.deepEqual([entry.manifest.features, entry.manifest.context], [[], { length, covariates }]);
  for (let step = 0; step < 12; step++) {
    await rig.forecasts.issueAll();
    await rig.clock.advance(STEP_MS);
  }
  const duel = rig.forecasts.rollout.duel(entry);
  assert.deepEqual([duel?.answering, duel?.beside, duel?.refused], [incumbent, entry.manifest.id, null]);
  assert.ok(duel!.n > 0 && duel!.besideKw > 0 && duel!.answeringKw > 0, JSON.stringify(duel));
  const issued = rig.forecasts.newest('substation:hal')!;
  assert.equal(issued.model.id, incumbent, 'a model in shadow does not publish forecasts');
});
