import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../../shared/forecast/features.ts';
import { checkParity } from '../../../shared/forecast/bundle-check.ts';
import { blendFault, weighted } from '../../../shared/forecast/member-blend.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { checkOnnx } from '../../../shared/forecast/onnx-check.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { inlineInference } from '../../../shared/inference/inline-inference.ts';
import { predictEnsemble, WEIGHT_GROUPS, type Ensemble } from '../train/ensemble.ts';
import { quantizedMlp } from '../train/quantize.ts';
import { headOf, trainPooled, type PooledKind } from '../train/pooled-member.ts';
import { predictRidge, trainRidge } from '../train/ridge-member.ts';
import { ensembleGraph } from './ensemble-graph.ts';
import { writeOnnx } from './onnx-writer.ts';
import { namedBundle } from './testing/bundle-fixture.ts';

const random = new SeededRandom(7);
const END = 18 * 96;
const values = Float64Array.from(
  { length: END },
  (_, i) => 2000 * Math.sin((i / 96) * 2 * Math.PI) + 300 * random.next(),
);
const load = { start: Date.UTC(2021, 7, 1), stepS: 900, values };
const weather = {
  ghi: Float64Array.from({ length: END + 192 }, (_, i) => Math.max(0, 600 * Math.sin((i / 96) * 2 * Math.PI))),
  wind: Float64Array.from({ length: END + 192 }, () => 4 + 6 * random.next()),
};

const horizon = 7 * 96;

const source = (withWeather: boolean): FeatureSource =>
  new FeatureSource(
    { steps: 192, stepS: 900, weather: withWeather },
    load,
    new LocalCalendar('Europe/Amsterdam'),
    weather,
  );

const inputOf = (withWeather: boolean) => ({
  load,
  schema: { steps: 192, stepS: 900, weather: withWeather },
  zone: 'Europe/Amsterdam',
  levels: QUANTILES,
  ...(withWeather && { weather }),
});

/** Trained once, for all blends. */
const trained = new Map<string, unknown>();
function once<T>(key: string, train: () => T): T {
  if (!trained.has(key)) trained.set(key, train());
  return trained.get(key) as T;
}
const ridgeOf = (withWeather: boolean) => once(`ridge ${withWeather}`, () => trainRidge(inputOf(withWeather)));
const member = (kind: PooledKind, withWeather: boolean) =>
  once(`${kind} ${withWeather}`, () =>
    trainPooled(kind, source(withWeather), { values, end: values.length - horizon, ridge: ridgeOf(withWeather) }),
  );

/** A blend of some members; `isSmall`: the network in eight bits. */
function blend(withWeather: boolean, kinds: readonly PooledKind[], isSmall = false): Ensemble {
  const pooled = kinds.map((kind) => {
    const whole = member(kind, withWeather);
    const fit = whole.kind === 'mlp' && isSmall ? { ...whole, fitted: quantizedMlp(whole.fitted) } : whole;
    const noise = new SeededRandom(3);
    const raw = Array.from({ length: 600 }, (_, i) => ((i % 3) - 1) * 100);
    const left = Array.from({ length: 200 }, () => 400 * (noise.next() - 0.5));
    return { fit, head: headOf(raw, left, QUANTILES) };
  });
  const share = 1 / (kinds.length + 1);
  const weights = Array.from({ length: WEIGHT_GROUPS }, () => Array.from({ length: kinds.length + 1 }, () => share));
  return { ridge: ridgeOf(withWeather), layout: source(withWeather), pooled, weights };
}

for (const [name, withWeather, kinds, isSmall] of [
  ['the linear member', false, [], false],
  ['the linear member with weather', true, [], false],
  ['boosted trees beside it', true, ['boosting'], false],
  ['a network beside it', false, ['mlp'], false],
  ['a network in eight bits', true, ['mlp'], true],
  ['a linear member by hours', true, ['hours'], false],
  ['the day before', false, ['dayBefore'], false],
  ['all members', true, ['hours', 'boosting', 'mlp', 'dayBefore'], false],
] as const)
  test(`ONNX Runtime agrees with the exported model: ${name}`, async () => {
    const model = blend(withWeather, kinds, isSmall);
    const bytes = ensembleGraph(model);
    const checked = checkOnnx(bytes);
    assert.ok(checked.ok, checked.ok ? '' : checked.fault.detail);
    const inference = inlineInference(new VirtualClock(0).machine);
    const loaded = await inference.load('m', bytes);
    assert.ok(loaded.ok, loaded.ok ? '' : loaded.fault.detail);
    const rows = [END, END - 4 * 96, END - 4 * 96 + 31].map((next) => source(withWeather).row(next));
    const outcome = await inference.run('m', Float32Array.from(rows.flatMap((row) => [...row])), rows.length);
    assert.ok(outcome.ok, outcome.ok ? '' : outcome.fault.detail);
    const expected = rows.flatMap((row) => [...predictEnsemble(model, row)]);
    const scale = Math.max(...expected.map(Math.abs));
    for (const [i, value] of expected.entries()) {
      assert.ok(Math.abs(value - outcome.value.output[i]!) <= 1e-4 * scale, `output ${i}`);
      if (i % 19 > 0) assert.ok(outcome.value.output[i]! >= outcome.value.output[i - 1]!, `quantiles cross at ${i}`);
    }
    await inference.close();
  });

test('the members are a second output whose weighted sum by the manifest is the forecast', async () => {
  const model = blend(true, ['boosting', 'mlp']);
  const bytes = ensembleGraph(model, { withMembers: true });
  assert.ok(checkOnnx(bytes).ok);
  assert.ok(bytes.length < ensembleGraph(model).length + 1000);
  const inference = inlineInference(new VirtualClock(0).machine);
  assert.ok((await inference.load('m', bytes)).ok);
  const rows = [END, END - 4 * 96 + 31].map((next) => source(true).row(next));
  const both = Float32Array.from(rows.flatMap((row) => [...row]));
  const answer = unwrap(await inference.run('m', both, rows.length)).output;
  const said = unwrap(await inference.run('m', both, rows.length, 'members')).output;
  assert.deepEqual([answer.length, said.length], [2 * 192 * 19, 2 * 3 * 192 * 19]);
  const share = 1 / 3;
  const shape = { steps: 192, quantiles: QUANTILES };
  const mean = weighted(
    said,
    { members: ['a', 'b', 'c'], groups: [{ to: 192, weights: [share, share, share] }] },
    shape,
  );
  const alone = { members: ['a', 'b', 'c'], groups: [{ to: 192, weights: [1, 0, 0] }] };
  const linear = rows.flatMap((row) => [...predictRidge(model.ridge, row)]);
  const scale = answer.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const [i, value] of answer.entries()) assert.ok(Math.abs(mean[i]! - value) < 1e-5 * scale, `${i}`);
  for (const [i, value] of weighted(said, alone, shape).entries())
    assert.ok(Math.abs(linear[i]! - value) < 1e-4 * scale, `${i}`);
  await inference.close();
});

test('members that contradict the manifest or are missing fail the check', async () => {
  const model = blend(false, ['boosting']);
  const inference = inlineInference(new VirtualClock(0).machine);
  const input = [...source(false).row(END)];
  const weights = { members: ['ridge', 'boosting'], groups: [{ to: 192, weights: [0.5, 0.5] }] };
  const parity = { inputs: [input], outputs: [[...predictEnsemble(model, Float32Array.from(input))]], tolerance: 1e-4 };
  const manifest = {
    ...namedBundle('m', { at: 0 }).manifest,
    features: input.map(String),
    steps: 192,
    quantiles: [...QUANTILES],
    parity,
  };
  const checked = async (withMembers: boolean, claimed: typeof weights): Promise<string> => {
    assert.ok((await inference.load('m', ensembleGraph(model, { withMembers }))).ok);
    const outcome = await checkParity({ ...manifest, blend: claimed }, inference);
    return outcome.ok ? 'taken' : `${outcome.fault.code} ${outcome.fault.detail}`;
  };
  assert.equal(await checked(true, weights), 'taken');
  const other = { ...weights, groups: [{ to: 192, weights: [0.9, 0.1] }] };
  assert.match(await checked(true, other), /^LS-MODEL-008 its members make/);
  const three = { members: ['a', 'b', 'c'], groups: [{ to: 192, weights: [0.5, 0.5, 0] }] };
  assert.match(await checked(true, three), /^LS-MODEL-006 its members give/);
  assert.match(await checked(false, weights), /^LS-MODEL-006 .*members/);
  await inference.close();
});

test('weights that do not fit the model fail its check', () => {
  const weights = {
    members: ['a', 'b'],
    groups: [
      { to: 4, weights: [0.5, 0.5] },
      { to: 192, weights: [1, 0] },
    ],
  };
  assert.equal(blendFault(weights, 192), undefined);
  assert.match(blendFault(weights, 96)!, /do not ascend to its last step/);
  assert.match(blendFault({ ...weights, members: ['a'] }, 192)!, /not those of 1 members/);
  assert.match(blendFault({ ...weights, groups: [{ to: 192, weights: [0.5, 0.6] }] }, 192)!, /add up to 1/);
});

test('the same members export to the same bytes', () => {
  const first = ensembleGraph(blend(true, ['boosting', 'mlp']));
  trained.clear();
  assert.deepEqual(ensembleGraph(blend(true, ['boosting', 'mlp'])), first);
});

test('eight-bit weights shrink the network', () => {
  const bytes = (isSmall: boolean): number => ensembleGraph(blend(false, ['mlp'], isSmall)).length;
  assert.ok(bytes(true) < bytes(false) - 6000);
});

test('an operator of another domain is rejected', () => {
  const trees = ensembleGraph(blend(false, ['boosting']));
  const foreign = Buffer.from(trees).toString('latin1').replaceAll('ai.onnx.ml', 'ai.evil.ml');
  const refused = checkOnnx(Buffer.from(foreign, 'latin1'));
  assert.match(refused.ok ? '' : refused.fault.detail, /operators of ai\.evil\.ml/);
});

test('a bundle with an unknown operator, a truncated one and one with a wrong hash are rejected', () => {
  const graph = {
    name: 'g',
    nodes: [{ op: 'Loop', inputs: ['x'], outputs: ['y'] }],
    initializers: [],
    inputs: [{ name: 'x', dims: [1] }],
    outputs: [{ name: 'y', dims: [1] }],
  };
  const refused = checkOnnx(writeOnnx(graph));
  assert.match(refused.ok ? '' : refused.fault.detail, /operator Loop/);
  const allowed = writeOnnx({ ...graph, nodes: [{ ...graph.nodes[0]!, op: 'Relu' }] });
  assert.ok(checkOnnx(allowed).ok);
  for (let cut = 0; cut < allowed.length - 8; cut++) assert.ok(!checkOnnx(allowed.subarray(0, cut)).ok || cut > 30);
  assert.equal(checkOnnx(new TextEncoder().encode('not a model')).ok, false);
});
