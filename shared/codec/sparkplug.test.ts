import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Frame } from '../contracts/frame.ts';
import { FIRST_READS, THIS_READS } from '../contracts/reads.ts';
import { unwrap } from '../outcome/outcome.ts';
import {
  asksRebirth,
  birthReads,
  decodePayload,
  encodeCommand,
  encodeDeviceBirth,
  encodeDeviceDeath,
  encodeFrame,
  encodeNodeBirth,
  encodeNodeDeath,
  encodeRebirthCommand,
  metricNamed,
  type DecodedPayload,
} from './sparkplug.ts';
import { datatypes, fitted, isNumberType, signedValue } from './sparkplug-types.ts';

const aliases = ['activePowerKw', 'voltagePu', 'socPct'];
const aliasOf = (metric: string): number => aliases.indexOf(metric);
const frame: Frame = {
  device: 'battery-1',
  time: 1_632_528_000_123,
  values: [
    { metric: 'activePowerKw', value: -42.125, quality: 'good', origin: 'measured' },
    { metric: 'voltagePu', value: 1.013, quality: 'uncertain', origin: 'estimated' },
    { metric: 'socPct', value: 0, quality: 'bad', origin: 'substituted' },
  ],
};
const body = { run: 0xfedcba98, offset: 2 ** 40 + 7, monotonicMs: 12_345.678 };
const encoded = (): Uint8Array =>
  encodeFrame({ frame, body, seq: 255, sentAt: frame.time + 900, historical: true, aliasOf });

test('a frame returns with its identity, times, quality and origin', () => {
  const payload = unwrap(decodePayload(encoded()));
  assert.deepEqual(payload.body, body);
  assert.equal(payload.seq, 255);
  assert.equal(payload.sentAt, frame.time + 900);
  assert.deepEqual(
    payload.metrics.map(({ alias, value, time, quality, origin, historical }) => ({
      metric: aliases[alias ?? -1],
      value,
      quality,
      origin,
      time,
      historical,
    })),
    frame.values.map((each) => ({ ...each, time: frame.time, historical: true })),
  );
});

test('births name every metric; deaths and rebirth carry what Sparkplug requires', () => {
  const at = 1000;
  const birth = unwrap(
    decodePayload(
      encodeDeviceBirth({
        seq: 3,
        sentAt: at,
        metrics: [
          { name: 'activePowerKw', alias: 17, value: null, time: at, quality: 'bad', origin: 'measured' },
          { name: 'socPct', alias: 18, value: 55, time: at, quality: 'good', origin: 'measured' },
        ],
      }),
    ),
  );
  assert.equal(birth.body, undefined);
  assert.deepEqual(
    birth.metrics.map((metric) => [metric.name, metric.alias, metric.value, metric.datatype, metric.quality]),
    [
      ['activePowerKw', 17, null, 10, 'bad'],
      ['socPct', 18, 55, 10, 'good'],
    ],
  );
  const node = unwrap(decodePayload(encodeNodeBirth({ bdSeq: 7, sentAt: at, software: 'loadstone 0.1.0' })));
  assert.equal(node.seq, 0);
  assert.equal(metricNamed(node, 'bdSeq')?.value, 7);
  assert.equal(asksRebirth(node), false);
  const death = unwrap(decodePayload(encodeNodeDeath(7, at)));
  assert.equal(death.seq, undefined);
  assert.equal(metricNamed(death, 'bdSeq')?.value, 7);
  assert.equal(unwrap(decodePayload(encodeDeviceDeath(9, at))).seq, 9);
  assert.equal(asksRebirth(unwrap(decodePayload(encodeRebirthCommand(at)))), true);
});

test('a node birth states what it reads in three more metrics', () => {
  const birth = { bdSeq: 7, sentAt: 1_632_528_000_000, software: 'loadstone' };
  const [before, after] = [undefined, THIS_READS].map((reads) =>
    unwrap(decodePayload(encodeNodeBirth({ ...birth, reads }))),
  );
  assert.deepEqual(after!.metrics.slice(0, 3), before!.metrics);
  assert.deepEqual(
    after!.metrics.slice(3).map(({ name, value }) => [name, value]),
    [
      ['Properties/Document Encodings', 'identity,br,columns,bytes'],
      ['Properties/Document Versions', '1'],
      ['Properties/Acknowledgements', 'packed'],
    ],
  );
  assert.deepEqual([birthReads(before!), birthReads(after!)], [FIRST_READS, THIS_READS]);
});

test("integers of foreign nodes are read in the birth's type", () => {
  assert.equal(signedValue(0xffffffff, 3), -1);
  assert.equal(signedValue(0xffffffff, 7), 0xffffffff);
  assert.equal(signedValue(5, undefined), 5);
  assert.deepEqual([signedValue(-5000, 4), signedValue(-1, 8), signedValue(7, 8)], [-5000, 2 ** 64, 7]);
});

test("a command carries its value in the birth's type, by alias if any, without seq", () => {
  const { int8, int16, int64, uint8, uint32, uint64, float, double } = datatypes;
  const cases: [datatype: number, value: number, carried: number | undefined][] = [
    [int8, -128, -128],
    [int8, 128, undefined],
    [int16, -12.6, -13],
    [uint8, -0.4, 0],
    [uint8, -1, undefined],
    [uint32, 4e9, 4e9],
    [int64, -5000, -5000],
    [uint64, 2 ** 40, 2 ** 40],
    [uint64, 2 ** 60, undefined],
    [float, 0.5, 0.5],
    [float, 1e39, undefined],
    [double, -12.345, -12.345],
    [double, Number.NaN, undefined],
    [datatypes.boolean, 1, undefined],
  ];
  for (const [datatype, value, carried] of cases) {
    const held = fitted(value, datatype);
    assert.equal(held, carried, `${value} as type ${datatype}`);
    if (held === undefined) continue;
    for (const inLong of [false, true]) {
      const alias: number | undefined = inLong ? 9 : undefined;
      const command = encodeCommand(1000, [{ name: 'Set/Power', alias, datatype, inLong, value: held }]);
      const payload: DecodedPayload = unwrap(decodePayload(command));
      const [read] = payload.metrics;
      assert.deepEqual(
        [read?.value, read?.name, read?.alias, read?.datatype, read?.time, payload.seq],
        [carried, inLong ? undefined : 'Set/Power', alias, datatype, 1000, undefined],
      );
    }
  }
  assert.deepEqual([int8, uint64, double, datatypes.string, datatypes.dateTime].map(isNumberType), [
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('garbage is a coded fault, never a throw', () => {
  const good = encoded();
  const mutated = fc
    .record({ at: fc.nat(good.length - 1), value: fc.nat(255), cut: fc.nat(good.length) })
    .map(({ at, value, cut }) => {
      const bytes = good.slice();
      bytes[at] = value;
      return bytes.subarray(0, cut);
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const outcome = decodePayload(bytes);
      return outcome.ok || outcome.fault.code === 'LS-INGEST-001';
    }),
    { numRuns: 3000 },
  );
  const nested = new Uint8Array(900_000).fill(0x7b);
  assert.equal(decodePayload(nested).ok, false);
  assert.equal(decodePayload(new Uint8Array(1_000_001)).ok, false);
});
