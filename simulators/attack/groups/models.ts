import { createHash } from 'node:crypto';
import { floats, integers, node } from '../../../cloud/forecast/registry/graph-parts.ts';
import { writeOnnx, type OnnxNode, type OnnxTensor } from '../../../cloud/forecast/registry/onnx-writer.ts';
import { childInference } from '../../../edge/forecast/child-inference.ts';
import { encodeChunk } from '../../../shared/codec/chunk.ts';
import { checkOnnx, type ModelContract } from '../../../shared/forecast/onnx-check.ts';
import { systemTimeBase } from '../../../shared/time/system-clock.ts';
import { judged, refused, succeeded, type Attack, type Group, type Seen } from '../attack.ts';
import { now, type HeldGateway } from '../held-gateway.ts';
import { ChildWatch } from '../child-watch.ts';
import type { Stage } from '../stage.ts';
import { until } from '../../../shared/testing/until.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';

const LOOP = /operator Loop is not allowed/;
const REQUIREMENTS = ['EDR 3.2', 'CR 3.5', 'EDR 2.4'];
const WIDTH = 500;
const time = systemTimeBase(() => undefined);

const graph = (nodes: readonly OnnxNode[], initializers: readonly OnnxTensor[] = [], width = WIDTH): Uint8Array =>
  writeOnnx({
    name: 'hostile',
    nodes,
    initializers,
    inputs: [{ name: 'features', dims: [WIDTH] }],
    outputs: [{ name: 'quantiles', dims: [width] }],
  });

const harmless = (added = 1): Uint8Array =>
  graph([node('Add', ['features', 'one'], 'quantiles')], [floats('one', [1], [added])]);

/** The outer product of a row with itself, and with the row again: half a gigabyte. */
const hungry = (): Uint8Array =>
  graph(
    [
      node('Reshape', ['features', 'column'], 'tall'),
      node('Reshape', ['features', 'line'], 'wide'),
      node('MatMul', ['tall', 'wide'], 'square'),
      node('Reshape', ['square', 'column'], 'taller'),
      node('MatMul', ['taller', 'wide'], 'cube'),
      { ...node('ReduceSum', ['cube'], 'total'), attributes: { keepdims: 0 } },
      node('Add', ['features', 'total'], 'quantiles'),
    ],
    [integers('column', [-1, 1]), integers('line', [1, -1])],
  );

/** Only constants, so it grows while loading: half a gigabyte. */
const swelling = (): Uint8Array =>
  graph(
    [
      node('Expand', ['one', 'much'], 'cube'),
      { ...node('ReduceSum', ['cube'], 'total'), attributes: { keepdims: 0 } },
      node('Add', ['features', 'total'], 'quantiles'),
    ],
    [floats('one', [1], [1]), integers('much', [WIDTH, WIDTH, WIDTH])],
  );

/** Small for every trial input. For a larger load its size follows the value of the load. */
const valueSized = (): Uint8Array =>
  graph(
    [
      { ...node('ReduceMax', ['features'], 'most'), attributes: { keepdims: 0 } },
      { ...node('Cast', ['most'], 'size'), attributes: { to: 7 } },
      node('Reshape', ['size', 'line'], 'sizes'),
      node('Expand', ['one', 'sizes'], 'many'),
      { ...node('ReduceSum', ['many'], 'total'), attributes: { keepdims: 0 } },
      node('Add', ['features', 'total'], 'quantiles'),
    ],
    [floats('one', [1], [1]), integers('line', [1])],
  );

const nanGiving = (): Uint8Array =>
  graph([node('Sub', ['features', 'features'], 'nothing'), node('Div', ['nothing', 'nothing'], 'quantiles')]);

/** The memory budget, and the growth possible between two checks. */
const MOST_MB = 450;

/** Loads and runs a model like a gateway, in a child process. Returns the result and excess memory in words. */
async function met(bytes: Uint8Array): Promise<string> {
  // Generous time-outs, because the test concerns memory, and the machine may be busy.
  const inference = childInference({ time, loadTimeoutMs: 120_000, runTimeoutMs: 60_000 });
  const watch = new ChildWatch(time, 'inference.child');
  try {
    const loaded = await inference.load('hostile', bytes);
    if (!loaded.ok) return `${loaded.fault.code} at its load${beyond(watch.peakMb)}`;
    const result = await inference.run('hostile', new Float32Array(WIDTH).fill(1), 1);
    if (result.ok) return `it answers${beyond(watch.peakMb)}`;
    const again = await inference.load('hostile again', bytes);
    return `${result.fault.code} at its run${beyond(watch.peakMb)}, then ${again.ok ? 'loaded' : again.fault.code}`;
  } finally {
    watch.cancel();
    await inference.close();
  }
}

/** Tests this machine's software; that says nothing about a gateway elsewhere. */
const ofOurs = ({ gateway }: Stage, attack: () => Promise<Seen>): Promise<Seen> =>
  gateway.isRunning ? attack() : Promise.reject(new Error('the gateway has ended'));

const beyond = (peakMb: number): string => (peakMb > MOST_MB ? `, by ${peakMb.toFixed(0)} MB` : '');

const runs = (name: string, title: string, expected: RegExp, bytes: () => Uint8Array): Attack => ({
  id: `models/${name}`,
  title,
  requirements: REQUIREMENTS,
  expected: 'an error in a process of its own',
  run: async (stage) => ofOurs(stage, async () => judged(await met(bytes()), expected)),
});

const checks = (
  name: string,
  title: string,
  [why, bytes]: readonly [why: RegExp, bytes: () => Uint8Array],
  contract: ModelContract = 'features',
): Attack => ({
  id: `models/${name}`,
  title,
  requirements: REQUIREMENTS,
  expected: 'refused before loading',
  run: async (stage) =>
    ofOurs(stage, async () => {
      const checked = checkOnnx(bytes(), contract);
      return judged(checked.ok ? 'it passes' : `${checked.fault.code}: ${checked.fault.detail}`, why, /^it passes$/);
    }),
});

interface Manifest extends Readonly<Record<string, unknown>> {
  readonly body: { readonly id: string } & Readonly<Record<string, unknown>>;
}

/** Final stages. */
const ENDS: readonly DocumentReport['stage'][] = ['applied', 'verified', 'rejected'];

let count = 0;

/** The document of a model. `body` overrides fields. */
function manifest(held: HeldGateway, over: object, body: object = {}): Manifest {
  const { body: _command, ...header } = held.override();
  const at = now();
  const metrics = {
    window: 'P7D',
    nMae: 0,
    pinball: 0,
    coverage80: 0.8,
    seasonalNaiveNMae: 0,
    seasonalNaivePinball: 0,
  };
  return {
    ...header,
    type: 'model',
    ...over,
    body: {
      id: `model-${count++}`,
      substation: 'wls',
      target: 'substation:wls',
      featureVersion: 1,
      features: ['lag1'],
      stepS: 900,
      steps: 4,
      quantiles: [0.5],
      sha256: 'a'.repeat(64),
      bytes: 1000,
      trainedFrom: 0,
      trainedUpTo: at,
      createdAt: at,
      expiresAt: at + 86_400_000,
      weather: 'none',
      metrics,
      members: {},
      outputRange: { minKw: -1, maxKw: 1 },
      parity: { inputs: [], outputs: [], tolerance: 1 },
      ...body,
    },
  };
}

const offers = (name: string, title: string, code: string, make: (held: HeldGateway) => Promise<Manifest>): Attack => ({
  id: `models/${name}`,
  title,
  requirements: ['EDR 3.2', 'CR 3.8'],
  expected: `rejected: ${code}`,
  run: async ({ held }) => {
    const document = await make(held);
    const from = held.reports.length;
    await held.tell('desiredModel', await held.sign(document));
    const ends = (): DocumentReport | undefined =>
      held.reports
        .slice(from)
        .find(({ id, type }) => type === 'model' && (id === document.body.id || id === 'unverified'));
    const report = await until('its report', ends);
    return judged(`${report.stage} ${report.code ?? ''}`.trim(), new RegExp(`^rejected ${code}$`));
  },
});

export const hostileModels: Group = {
  id: 'models',
  title:
    'Old, frozen, mixed, truncated, oversized, external-data, wrong-shape, NaN-giving, endless, memory-hungry model',
  asset: 'the forecast of a gateway, and its machine',
  from: 'anyone who can supply a model: a data scientist, or a signer for the cloud',
  defence:
    'signed manifests with hash and expiry, a list of allowed operators, a child process with limits: shared/forecast, edge/forecast',
  attacks: [
    offers('old', 'offers a model of an older epoch than the previous one', 'LS-DOC-002', async (held) => {
      await held.tell('desiredModel', await held.sign(manifest(held, { epoch: 5 })));
      await pastReport(held);
      return manifest(held, { epoch: 4 });
    }),
    offers('frozen', 'offers a model after its acceptance deadline', 'LS-DOC-003', async (held) =>
      manifest(held, { acceptUntil: now() - 1000 }),
    ),
    offers('oversized', 'offers a model of 10 GB', 'LS-DOC-005', async (held) => manifest(held, {}, { bytes: 1e10 })),
    offers('bad-hash', 'gives a path as the hash', 'LS-DOC-005', async (held) =>
      manifest(held, {}, { sha256: '../../../etc/passwd' }),
    ),
    {
      id: 'models/mixed',
      title: 'sends the bytes of another model under the hash of a manifest',
      requirements: ['EDR 3.2', 'CR 3.1'],
      expected: 'rejected: LS-MODEL-001',
      run: async ({ held }) => {
        const [named, brought] = [harmless(1), harmless(2)];
        const sha256 = createHash('sha256').update(named).digest('hex');
        const document = manifest(held, {}, { sha256, bytes: named.length });
        await held.tell('desiredModel', await held.sign(document));
        const end = await until('the final report of the model', async () => {
          // The gateway may request it again, in case its copy was damaged.
          await held.tell('modelChunk', encodeChunk({ sha256, index: 0, bytes: brought }));
          return held.reports.find(({ id, stage }) => id === document.body.id && ENDS.includes(stage));
        });
        const seen = `${end.stage} ${end.code ?? ''}: ${end.detail ?? ''}`;
        // Any other result still shows that the bytes were tried.
        return judged(
          seen,
          /^rejected LS-MODEL-001: .*the hash of its manifest/,
          /^(applied|verified|rejected LS-MODEL)/,
        );
      },
    },
    checks('truncated', 'truncates the file', [/no ONNX file/, () => harmless().subarray(0, 40)]),
    checks('garbage', 'sends text', [/no ONNX file/, () => new TextEncoder().encode('not a model')]),
    checks('endless', 'loops without end', [LOOP, () => graph([node('Loop', ['features'], 'quantiles')])]),
    checks('external-data', 'stores a tensor in another file', [/external data/, externalData]),
    checks('sparse', 'has a sparse tensor of 20 bytes that expands to a gigabyte', [/sparse tensor/, sparse]),
    checks('told-shape', 'declares an output of a billion values', [
      /too large/,
      () => graph([node('Add', ['features', 'features'], 'quantiles')], [], 1e9),
    ]),
    checks('empty-tensor', 'declares a tensor of a million values without their data', [
      /does not hold them/,
      () => graph([node('Add', ['features', 'void'], 'quantiles')], [floats('void', [1000, 1000], [1])]),
    ]),
    checks('file-operator', 'calls an operator that is not on the list', [
      /ImageDecoder is not allowed/,
      () => graph([node('ImageDecoder', ['features'], 'quantiles')]),
    ]),
    checks('hidden-operator', 'hides an operator behind a tag that the runtime reads differently', [
      /no ONNX file/,
      hidden,
    ]),
    checks('attention-of-features', 'uses transformer operators in a model of computed features', [
      /Softmax is not allowed/,
      () => graph([node('Softmax', ['features'], 'quantiles')]),
    ]),
    checks('value-sized', 'takes raw history and allocates memory by its values', [/Expand/, valueSized], 'context'),
    checks(
      'context-loop',
      'takes raw history and loops without end',
      [LOOP, () => graph([node('Loop', ['features'], 'quantiles')])],
      'context',
    ),
    offers('endless-history', 'asks for a history of 30 years', 'LS-DOC-005', async (held) =>
      manifest(held, {}, { features: [], context: { length: 1_000_000, covariates: [] } }),
    ),
    offers('covariate-path', 'asks for a covariate that is a path', 'LS-DOC-005', async (held) =>
      manifest(held, {}, { features: [], context: { length: 96, covariates: ['../../etc/passwd'] } }),
    ),
    runs('wrong-shape', 'multiplies tensors of mismatched shapes', /^LS-(FORECAST-003|MODEL-001)/, () =>
      graph([node('MatMul', ['features', 'odd'], 'quantiles')], [floats('odd', [3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9])]),
    ),
    runs('nan', 'divides zero by zero', /^LS-FORECAST-003 at its run, then loaded$/, nanGiving),
    {
      ...runs(
        'memory-hungry',
        'grows to half a gigabyte while running',
        /^LS-FORECAST-003 at its run, then LS-MODEL-009$/,
        hungry,
      ),
      expected: `stopped below ${MOST_MB} MB and not loaded again`,
    },
    {
      ...runs(
        'swelling',
        'takes raw history and grows to half a gigabyte while loading',
        /^LS-(MODEL-009 at its load|FORECAST-003 at its run, then LS-MODEL-009)$/,
        swelling,
      ),
      expected: `stopped below ${MOST_MB} MB and not loaded again`,
    },
    {
      id: 'models/harmless',
      title: 'control: a good model answers',
      requirements: ['CR 3.6'],
      expected: 'it answers',
      run: async (stage) =>
        ofOurs(stage, async () => {
          const seen = await met(harmless());
          return seen === 'it answers' ? refused(seen) : succeeded(seen);
        }),
    },
  ],
};

const pastReport = (held: HeldGateway): Promise<unknown> => {
  const from = held.reports.length;
  return until('a report', () => held.reports.slice(from).some(({ type }) => type === 'model'));
};

/** TensorProto: dims 1, FLOAT, name, data_location EXTERNAL, external_data location. */
function externalData(): Uint8Array {
  const entry = (key: string, value: string): Buffer => Buffer.concat([field(1, key), field(2, value)]);
  return addition(
    5,
    Buffer.from([0x08, 0x01, 0x10, 0x01]),
    field(8, 'one'),
    Buffer.from([0x70, 0x01]),
    field(13, entry('location', '/etc/passwd')),
  );
}

/** SparseTensorProto: one value, FLOAT; its index, INT64; dims 16,384 by 16,384. */
function sparse(): Uint8Array {
  const value = Buffer.concat([Buffer.from([0x08, 0x01, 0x10, 0x01]), field(9, Buffer.alloc(4)), field(8, 'one')]);
  const index = Buffer.concat([Buffer.from([0x08, 0x01, 0x10, 0x07]), field(9, Buffer.alloc(8))]);
  return addition(15, field(1, value), field(2, index), Buffer.from([0x18, 0x80, 0x80, 0x01, 0x18, 0x80, 0x80, 0x01]));
}

/** A model that adds the tensor "one", stored in this field of its graph, to its features. */
const addition = (number: number, ...tensor: readonly Buffer[]): Uint8Array =>
  handMade(
    Buffer.concat([field(1, 'features'), field(1, 'one'), field(2, 'quantiles'), field(4, 'Add')]),
    field(number, Buffer.concat(tensor)),
  );

/** NodeProto: the tag of its operator has a bit above the 32 that the runtime reads. */
function hidden(): Uint8Array {
  const [tag, ...rest] = field(4, 'Loop');
  const operator = Buffer.from([tag! | 128, 0x80, 0x80, 0x80, 0x10, ...rest]);
  return handMade(Buffer.concat([field(1, 'features'), field(2, 'quantiles'), operator]));
}

function handMade(nodeBytes: Buffer, ...more: readonly Buffer[]): Uint8Array {
  const graphBytes = Buffer.concat([
    field(1, nodeBytes),
    field(2, 'hostile'),
    ...more,
    ...[11, 12].map((at) => field(at, valueOf(at === 11 ? 'features' : 'quantiles'))),
  ]);
  const opset = Buffer.from([0x10, 17]);
  return Buffer.concat([Buffer.from([0x08, 8]), field(7, graphBytes), field(8, opset)]);
}

/** ValueInfoProto: a FLOAT tensor without a shape. */
const valueOf = (name: string): Buffer =>
  Buffer.concat([field(1, name), field(2, field(1, Buffer.from([0x08, 0x01])))]);

function field(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}
