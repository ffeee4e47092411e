import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeStep, type StepSample } from './step-verdict.ts';

const sample = (atS: number, deviceKw: number | null, meterKw: number | null): StepSample => ({
  atS,
  deviceKw,
  meterKw,
});

test('the verdict of a step: proven, or what is wrong and where to look', () => {
  const rows: [
    targetKw: number,
    limit: boolean,
    before: StepSample,
    after: StepSample,
    proven: boolean,
    words: RegExp,
  ][] = [
    [-20, false, sample(0, 0, 100), sample(4, -19.5, 81), true, /from 0\.0 kW to -19\.5 kW in 4 s, and the meter/],
    [-20, false, sample(0, 0, 100), sample(4, 20, 121), false, /wrong way.*turn "sign"/],
    [-20, false, sample(0, 0, 100), sample(4, 0, 100), false, /did not move.*remote control/],
    [-20, false, sample(0, 0, 100), sample(4, -8, 92), false, /instead of -20\.0 kW: check "scale"/],
    [-20, false, sample(0, 0, 100), sample(4, -20, 119), false, /one of the two counts the wrong way/],
    [-20, false, sample(0, 0, 100), sample(4, -20, 99), false, /check the "scale" of both/],
    [-20, false, sample(0, 0, 100), sample(4, -20, 20), false, /check the "scale" of both/],
    [-20, false, sample(0, 0, null), sample(4, -20, null), false, /its meter is not heard/],
    [-20, false, sample(0, null, 100), sample(4, -20, 80), false, /device is not heard/],
    [-100, true, sample(0, -143, -50), sample(6, -100, -8), true, /from -143\.0 kW to -100\.0 kW in 6 s/],
    [-100, true, sample(0, -60, -50), sample(6, -60, -50), false, /stands at -60\.0 kW already/],
    [-20, false, sample(0, -19.8, 80), sample(4, -20, 80), false, /already/],
  ];
  for (const [targetKw, limit, before, after, proven, words] of rows) {
    const verdict = judgeStep({ targetKw, limit, before, samples: [after] });
    assert.equal(verdict.proven, proven, verdict.text);
    assert.match(verdict.text, words);
  }
  assert.equal(judgeStep({ targetKw: 5, limit: false, before: sample(0, 0, 0), samples: [] }).proven, false);
});
