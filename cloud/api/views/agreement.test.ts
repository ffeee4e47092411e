import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meterIntervalS } from '../../../shared/contracts/region.ts';
import { REPORT_INTERVAL_S } from '../../../shared/time/staleness.ts';
import { valueFreshness } from '../../dashboard/web/lib/staleness.ts';
import { chooseInputs } from '../../estimate/inputs.ts';
import { judgeLive, startLive } from '../../estimate/meter-live.ts';
import { compileEstimate } from '../../estimate/model.ts';
import { drawTruth, testSubstation } from '../../estimate/testing/substation.ts';
import { usableValue } from '../../plan/problem/plan-devices.ts';
import { START } from '../testing/api-fixture.ts';
import { measuredView } from './sources.ts';

const plain = testSubstation();
/** Two batteries: one meter is faster than reports, the other is slow. */
const substation = {
  ...plain,
  meters: plain.meters.map((meter) => (meter.device === 'battery-2' ? { ...meter, intervalS: 600 } : meter)),
};
const model = compileEstimate(substation);
const { readings } = drawTruth(substation, 1, START);

/** Collects the verdict of each part on one sample of a device at a moment. */
function asked(device: string, ageS: number, speed: number) {
  const time = START + 1000 * ageS;
  const sample = readings.get(device)!['activePowerKw']!;
  const intervalS = meterIntervalS(substation, device);
  const view = measuredView(sample, { now: time, speed }, intervalS);
  const { provenance } = chooseInputs(model, { time, speed, readings, findings: [] });
  const { findings } = judgeLive(substation, startLive(), { time, speed, readings });
  return {
    live: {
      estimate: provenance.find(({ element }) => element === device)?.source === 'device',
      judge: !findings.some((each) => each.device === device && each.finding === 'stale'),
      api: view.quality === 'good',
      page: valueFreshness(view, { now: time, speed }) === 'fresh',
    },
    plan: usableValue(sample, time, { intervalS, speed }) !== undefined,
  };
}

for (const speed of [1, 60])
  test(`estimate, API and page agree whether a sample is stale at every age, at ${speed} times speed`, () => {
    for (const [device, intervalS] of [
      ['battery-1', REPORT_INTERVAL_S],
      ['battery-2', 600],
    ] as const) {
      const bound = 2 * intervalS + 2 * speed;
      const ages = Array.from({ length: 100 }, (_, at) => 30 * at);
      for (const ageS of [...ages, bound - 0.001, bound, bound + 0.001]) {
        const { live, plan } = asked(device, ageS, speed);
        const expected = ageS <= bound;
        assert.deepEqual(
          live,
          { estimate: expected, judge: expected, api: expected, page: expected },
          `${device} at ${ageS} s`,
        );
        assert.equal(plan, ageS <= bound + 900, `plan for ${device} at ${ageS} s`);
      }
    }
  });
