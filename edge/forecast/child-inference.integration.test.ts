import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { hugeEnd, simpleModel } from '../../cloud/forecast/registry/import/testing/simple-models.ts';
import { simpleOffer } from '../../cloud/forecast/registry/import/testing/import-rig.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import { featureNames } from '../../shared/forecast/features.ts';
import { uncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import { every } from '../../shared/time/every.ts';
import { systemTimeBase } from '../../shared/time/system-clock.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { familyOf } from '../../simulators/scenarios/testing/processes.ts';
import { childInference } from './child-inference.ts';
import { LocalForecaster } from './local-forecaster.ts';

const time = systemTimeBase((error) => assert.fail(String(error)));
const HOUR = 3_600_000;
const NOW = Date.UTC(2021, 8, 25);
const inference = childInference({ time, loadTimeoutMs: 120_000, runTimeoutMs: 60_000 });
const forecaster = new LocalForecaster({
  clock: new VirtualClock(NOW),
  inference,
  load: uncontrolledLoad(['transformer'], []),
  zone: 'Europe/Amsterdam',
  onEvent: () => undefined,
});
after(() => forecaster.stop());

/** Peak resident memory of any child, MB, and its OOM scores. */
const seen = { peakMb: 0, oomScore: new Set<string>(), pids: new Set<number>() };
const watch = every(time, 10, () => {
  for (const { pid } of familyOf(process.pid).filter(({ command }) => command.includes('inference.child')))
    try {
      seen.pids.add(pid);
      seen.oomScore.add(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim());
      const kb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
      seen.peakMb = Math.max(seen.peakMb, Number(kb) / 1024);
    } catch {
      // It has ended meanwhile.
    }
});
after(() => watch.cancel());

/** A bundle as the cloud sends it, of a model that answers the mean of the week. */
function offered(bytes: Uint8Array, id: string): [ModelManifest, Uint8Array] {
  const { name: _name, role: _role, parity, ...rest } = simpleOffer(bytes).manifest;
  return [
    {
      ...rest,
      id,
      substation: 'owd',
      features: featureNames({ steps: 96, stepS: 900, weather: false }),
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      createdAt: NOW,
      expiresAt: NOW + HOUR,
      metrics: { window: '', nMae: 1, pinball: 1, coverage80: 1, seasonalNaiveNMae: 1, seasonalNaivePinball: 1 },
      members: { simple: 1 },
      outputRange: { minKw: -1e6, maxKw: 1e6 },
      parity: { ...parity, tolerance: 1e-4 },
    },
    bytes,
  ];
}

test('a model that grows by gigabytes is refused with little memory and not loaded again', async () => {
  const first = await forecaster.offer(...offered(simpleModel(), 'good'));
  assert.ok(first.ok, JSON.stringify(first));
  const hungry = simpleModel({ end: hugeEnd });
  const outcome = await forecaster.offer(...offered(hungry, 'hungry'));
  // The check may be one interval late, but not by gigabytes.
  assert.ok(seen.peakMb < 450, `${seen.peakMb} MB`);
  assert.equal(outcome.ok ? '' : outcome.fault.code, 'LS-MODEL-009', JSON.stringify({ outcome, ...seen }));
  assert.match(outcome.ok ? '' : outcome.fault.detail, /it takes too much memory: more than 192 MB/);
  assert.ok(seen.oomScore.has('1000'), [...seen.oomScore].join());

  const before = seen.pids.size;
  const again = await forecaster.offer(...offered(hungry, 'hungry-2'));
  assert.equal(again.ok ? '' : again.fault.code, 'LS-MODEL-009');
  assert.equal(seen.pids.size, before, 'no child was started for it');
  assert.equal(forecaster.state().id, 'good');
  assert.equal(forecaster.state().state, 'active');
  assert.ok(
    (await inference.run('good', new Float32Array(featureNames({ steps: 96, stepS: 900, weather: false }).length), 1))
      .ok,
  );
});
