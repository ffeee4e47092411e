import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ErrorCode } from '../../../../shared/outcome/catalogue.ts';
import { unwrap } from '../../../../shared/outcome/outcome.ts';
import { node } from '../graph-parts.ts';
import type { ImportOffer } from './model-import.ts';
import { foreignOffer, importRig, NOW, simpleOffer, standIn } from './testing/import-rig.ts';
import { nanEnd, simpleAnswer, simpleModel, simpleRow } from './testing/simple-models.ts';

const DAY_MS = 86_400_000;
const rig = importRig();
after(() => rig.close());

test('an imported Python model that beats the weekly mean on the last 28 days enters shadow, once', async () => {
  const incumbent = await standIn(rig.registry);
  const { entry, isNew } = unwrap(await rig.importer.take(foreignOffer()));
  assert.ok(isNew);
  assert.equal(entry.state, 'shadow', entry.reason);
  assert.equal((await rig.registry.challenger('substation:hal', 'gateway'))?.manifest.id, entry.manifest.id);
  assert.equal((await rig.registry.active('substation:hal', 'gateway'))?.manifest.id, incumbent);
  const { gate, days, imported } = entry.evidence;
  assert.ok(imported === true && days.length >= 28, `${days.length} days`);
  assert.ok(gate!.baseline.ci95[0] > 0 && gate!.incumbent!.ci95[0] > 0 && gate!.incumbent!.days >= 28, entry.reason);
  const { metrics, bytes, members } = entry.manifest;
  assert.ok(metrics.nMae < metrics.seasonalNaiveNMae && metrics.coverage80 > 0.5, JSON.stringify(metrics));
  assert.deepEqual([bytes, members], [foreignOffer().bytes.length, { 'sklearn-ridge': 1 }]);
  assert.match(
    (await rig.registry.transitions(entry.manifest.id))[0]!.reason,
    /imported \(scikit-learn 1\.4\.2 .*trained in Python/,
  );
  const again = unwrap(await rig.importer.take(foreignOffer()));
  assert.deepEqual([again.isNew, again.entry.manifest.id], [false, entry.manifest.id]);
});

test('without an active model, an imported model waits for a person', async () => {
  const bare = importRig();
  const { entry } = unwrap(await bare.importer.take(foreignOffer()));
  assert.equal(entry.state, 'held');
  assert.match(entry.reason, /better than .*a person must activate it/);
  await bare.close();
});

const erf = { nodes: [node('Erf', ['answer'], 'answer2')], initializers: [] };
const off = [simpleAnswer(simpleRow(), 1)];
const none = { inputs: [], outputs: [] };
const caught: readonly [string, ErrorCode, ImportOffer, RegExp][] = [
  ['an operator that is not allowed', 'LS-MODEL-005', simpleOffer(simpleModel({ end: erf })), /Erf/],
  ['a file that is not ONNX', 'LS-MODEL-005', simpleOffer(Buffer.from('<html>')), /no ONNX file|no graph/],
  ['an output of another shape', 'LS-MODEL-006', simpleOffer(simpleModel({ levels: 6 })), /gives 576 values, not 672/],
  ['an output that is not a number', 'LS-MODEL-007', simpleOffer(simpleModel({ end: nanEnd })), /not finite/],
  ['no parity vectors', 'LS-MODEL-008', simpleOffer(simpleModel(), { parity: none }), /0 parity inputs/],
  [
    'parity vectors that it does not match',
    'LS-MODEL-008',
    simpleOffer(simpleModel(), { parity: { inputs: [simpleRow()], outputs: off } }),
    /parity vector 0 differs at 0/,
  ],
  [
    'a row of another width',
    'LS-MODEL-008',
    simpleOffer(simpleModel(), { parity: { inputs: [[1, 2]], outputs: off } }),
    /has 2 columns, not 1067/,
  ],
  ['a file that is too large', 'LS-MODEL-009', simpleOffer(new Uint8Array(5_000_001)), /a gateway takes 5000000/],
  [
    'errors above those of the active model',
    'LS-MODEL-010',
    simpleOffer(simpleModel({ shiftKw: 900 }), {}, 900),
    /worse than the incumbent/,
  ],
  [
    'a model trained on the last days',
    'LS-MODEL-010',
    simpleOffer(simpleModel({ shiftKw: 1 }), { trainedUpTo: NOW - 3 * DAY_MS }, 1),
    /at least 7 days after that/,
  ],
  [
    'steps that its role does not allow',
    'LS-MODEL-004',
    simpleOffer(simpleModel(), { steps: 48 }),
    /96 steps of 900 s/,
  ],
  [
    'quantiles that its role does not allow',
    'LS-MODEL-004',
    simpleOffer(simpleModel(), { quantiles: [0.5] }),
    /0\.05, 0\.1/,
  ],
  [
    'features of another version',
    'LS-MODEL-004',
    simpleOffer(simpleModel(), { featureVersion: 9 }),
    /feature schema 9/,
  ],
  ['sun on a gateway', 'LS-MODEL-004', simpleOffer(simpleModel(), { weather: 'hindcast' }), /needs sun or wind/],
  ['a wrong hash', 'LS-MODEL-001', simpleOffer(simpleModel(), { sha256: 'ab'.repeat(32) }), /hash/],
  [
    'values outside its own range',
    'LS-MODEL-007',
    simpleOffer(simpleModel({ shiftKw: 2 }), { outputRange: { minKw: 0, maxKw: 5 } }, 2),
    /outside its range of 0 to 5/,
  ],
  ['an unknown target', 'LS-API-007', simpleOffer(simpleModel(), { target: 'substation:zzz' }), /no target/],
  ['a target without a gateway', 'LS-API-007', simpleOffer(simpleModel(), { target: 'feeder:hal-1' }), /no gateway/],
  ['training in the future', 'LS-API-007', simpleOffer(simpleModel(), { trainedUpTo: NOW + 1 }), /future/],
];

for (const [what, code, offer, reason] of caught)
  test(`${what} is rejected as ${code}, and nothing is stored`, async () => {
    const before = (await rig.registry.list()).length;
    // The stand-in has the bytes of the plain simple model; identical bytes would be found as already registered.
    const unlike =
      offer.bytes.length === simpleModel().length
        ? { ...offer, bytes: Buffer.concat([offer.bytes, UNKNOWN_FIELD]) }
        : offer;
    const outcome = await rig.importer.take(unlike);
    assert.equal(outcome.ok ? outcome.value.entry.reason : outcome.fault.code, code);
    assert.match(outcome.ok ? '' : outcome.fault.detail, reason);
    assert.equal((await rig.registry.list()).length, before);
  });

/** The doc_string of the model, field 6, as an empty text. */
const UNKNOWN_FIELD = Uint8Array.of(0x32, 0x00);
