import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sweepBinary } from '../shared/grid/kernel/sweep-binary.ts';
import { sweepModule } from '../shared/grid/kernel/sweep-source.ts';

test('the committed kernel matches its source, byte for byte', () => {
  assert.ok(Buffer.from(sweepBinary, 'base64').equals(sweepModule()), 'run npm run build:kernel');
});
