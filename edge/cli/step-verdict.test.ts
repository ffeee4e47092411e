import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../shared/ports/random.ts';
import { drawCourse, type Course } from './step-course.ts';
import { followed } from './step-fit.ts';
import { judgeSteps, type StepVerdict } from './step-verdict.ts';
import { noises, provenShare } from './testing/step-trials.ts';

test('a step test falsely proves an unrelated meter in at most 1 % of 1,000 trials', () => {
  for (const noise of Object.values(noises)) {
    const share = provenShare(noise, { trials: 1000, related: false });
    assert.ok(share <= 0.01, `${noise.name}: ${share}`);
  }
});

test('a step test detects a step as large as the noise in at least 95 % of 100 trials', () => {
  for (const noise of Object.values(noises)) {
    const share = provenShare(noise, { trials: 100, related: true });
    assert.ok(share >= 0.95, `${noise.name}: ${share}`);
  }
});

interface Seen {
  readonly targetKw?: number;
  readonly limit?: boolean;
  readonly device?: (step: number) => number;
  readonly meter?: (step: number) => number;
}

/** A test without noise in which the device follows two looks late. */
function verdictOf({
  targetKw = -20,
  limit = false,
  device = (on) => -20 * on,
  meter = (on) => 100 - 20 * on,
}: Seen): StepVerdict {
  const course: Course = { quietLooks: 20, stepLooks: 100, dwell: [6, 24] };
  const random = new SeededRandom(1);
  const on = drawCourse(random, course);
  const samples = Array.from(followed(on, { delay: 2, lag: 0 }), (step) => ({
    deviceKw: device(step),
    meterKw: meter(step),
  }));
  return judgeSteps({ targetKw, limit, course, on, samples, random });
}

test('a step test is proven, or says what is wrong and where to look', () => {
  const rows: [Seen, proven: boolean, words: RegExp][] = [
    [{}, true, /changes by -20\.0 kW within 2 s .* sees -20\.0 kW ± 0\.0 kW.*, 2 s after the setpoint: sign and scale/],
    [{ device: (on) => 20 * on }, false, /wrong way.*change "sign"/],
    [{ device: () => 0 }, false, /did not move.*remote control/],
    [{ device: (on) => -8 * on }, false, /instead of -20\.0 kW: check "scale"/],
    [{ meter: (on) => 100 + 20 * on }, false, /one of the two counts the wrong way/],
    [{ meter: () => 100 }, false, /no proof.*is behind that meter/],
    [{ meter: (on) => 100 - 200 * on }, false, /check the "scale" of both/],
    [{ meter: () => Number.NaN }, false, /its meter does not report/],
    [{ device: () => Number.NaN }, false, /device does not report/],
    [
      { targetKw: -100, limit: true, device: (on) => -143 + 43 * on, meter: (on) => 43 * on },
      true,
      /changes by 43\.0 kW/,
    ],
    [{ targetKw: -100, limit: true, device: () => -60 }, false, /already at -60\.0 kW/],
    [{ device: () => -19.8 }, false, /already/],
  ];
  for (const [seen, proven, words] of rows) {
    const verdict = verdictOf(seen);
    assert.equal(verdict.proven, proven, verdict.text);
    assert.match(verdict.text, words);
  }
});

test('a step test estimates scale with its error, and delay', () => {
  const { proven, text, scale, scaleError, delayS } = verdictOf({ meter: (on) => 100 - 25 * on });
  assert.ok(Math.abs(scale! - 1.25) < 0.01 && scaleError! < 0.01, `${scale} ± ${scaleError}`);
  assert.equal(delayS, 2);
  assert.equal(proven, false, 'a scale that is certainly wrong is not proven');
  assert.match(text, /check the "scale" of both/);
});
