import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { systemTimeBase } from '../../../../shared/time/system-clock.ts';
import { quarantineInference } from '../../serve/child-inference.ts';
import { importRig, standIn, transformerOffer } from './testing/import-rig.ts';
import { TINY } from './testing/patch-transformer.ts';

const time = systemTimeBase((error) => assert.fail(String(error)));
const rig = importRig(() => quarantineInference(time));
after(() => rig.close());

test('an 8-bit transformer of 9 M parameters passes quarantine, limits and gate into shadow', async () => {
  await standIn(rig.registry, 'cloud');
  const offer = await transformerOffer(TINY, { stride: 133 });
  assert.ok(offer.bytes.length > 8_000_000 && offer.bytes.length < 10_000_000, `${offer.bytes.length} bytes`);
  const taken = await rig.importer.take(offer);
  assert.equal(taken.ok ? taken.value.entry.state : taken.fault.detail, 'shadow', JSON.stringify(taken).slice(0, 600));
  assert.ok(taken.ok && taken.value.entry.evidence.inferenceMs! > 0);
});
