import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { simpleModel } from './testing/simple-models.ts';
import { namedBundle } from '../testing/bundle-fixture.ts';
import type { ModelManifest } from '../../../../shared/contracts/model.ts';
import { checkBundle, type ModelPlace } from '../../../../shared/forecast/bundle-check.ts';
import { manifestFeatures } from '../../../../shared/forecast/features.ts';

const T0 = Date.UTC(2021, 8, 25);
const bytes = simpleModel();
const sized = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
const manifest = { ...namedBundle('m-temperature', { at: T0 }).manifest, ...sized };

const features = (weather: boolean, temperature: boolean): Partial<ModelManifest> => ({
  featureVersion: 2,
  features: manifestFeatures({ version: 2, steps: 96, stepS: 900, weather, temperature }),
  weather: 'hindcast',
});
const context = (...covariates: ('ghi' | 'wind' | 'temperature')[]): Partial<ModelManifest> => ({
  context: { length: 96, covariates },
  featureVersion: 1,
  features: [],
  weather: 'hindcast',
});

const refusalOf = async (over: Partial<ModelManifest>, place: ModelPlace): Promise<string> => {
  const checked = await checkBundle({ manifest: { ...manifest, ...over }, bytes, now: T0, place });
  return checked.ok ? '' : `${checked.fault.code} ${checked.fault.detail}`;
};

test('a gateway takes models that need the temperature, and none that need sun or wind', async () => {
  const sun = 'LS-MODEL-004 it needs sun or wind, and a gateway has only the temperature';
  for (const over of [features(true, false), features(true, true), context('ghi'), context('temperature', 'wind')])
    assert.equal(await refusalOf(over, 'gateway'), sun);
  assert.equal(await refusalOf(features(false, true), 'gateway'), '');
  assert.match(await refusalOf({ ...features(false, true), weather: 'none' }, 'gateway'), /weather none, its features/);
  assert.match(await refusalOf(features(false, false), 'gateway'), /weather hindcast, its features do not/);
  assert.equal(await refusalOf(context('temperature'), 'gateway'), '');
  for (const over of [features(true, true), features(false, true)]) assert.equal(await refusalOf(over, 'cloud'), '');
});
