import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../../shared/config/read-config.ts';
import { CloudConfig } from '../../config.ts';
import { co2Of, co2OnSteps } from './co2.ts';
import { tariffOf, tariffs } from './prices.ts';

const config = (text: string) => readConfig(CloudConfig, { file: 'cloud.yaml', text });

test('configured weights override those of the profile, and the others stay', () => {
  const { weights } = config('dispatch: {weights: {lossesEurPerMwh: 95, co2EurPerKg: 0.1}}').dispatch;
  const tariff = tariffOf('dso', weights, undefined);
  assert.equal(tariff.lossesEurPerMwh, 95);
  assert.equal(tariff.co2EurPerKg, 0.1);
  assert.equal(tariff.tapMoveEur, tariffs.dso.tapMoveEur);
  assert.deepEqual(config('{}').dispatch.weights, {});
});

test('an unknown or out-of-range weight is refused with its key', () => {
  assert.throws(
    () => config('dispatch: {weights: {lossEurPerMwh: 95}}'),
    /dispatch\.weights\.lossEurPerMwh.*lossesEurPerMwh/,
  );
  assert.throws(() => config('dispatch: {weights: {fairnessSpreadPct: 130}}'), /dispatch\.weights\.fairnessSpreadPct/);
});

test('CO2 intensity is read at the middle of each step, and missing values are counted', () => {
  const text = JSON.stringify({ version: 1, source: 'grid', start: 0, resolutionS: 3600, kgPerMwh: [300, null, 200] });
  const series = co2Of(text, 'co2.json');
  const { kgPerMwh, missing } = co2OnSteps(series, { start: 0, stepsS: [1800, 1800, 3600, 3600, 3600] }, 250);
  assert.deepEqual([kgPerMwh, missing], [[300, 300, 250, 200, 250], 2]);
  assert.throws(() => co2Of('{"version": 1, "source": "grid"}', 'co2.json'), /LS-CONFIG-002|start/);
});
