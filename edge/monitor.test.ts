import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases, run, turnOver, watchedSession } from './testing/monitor-cases.ts';

for (const each of cases) {
  test(`monitor writes nothing: ${each.name}`, async () => {
    const { rig, peer, wants } = await watchedSession(each);
    assert.ok(wants(), 'it would act');
    assert.equal(
      peer.writes(),
      0,
      'with a plan and an exceeded limit, across keep-alives, a reconnection and a restart',
    );
    const unreported = (): string[] => rig.gateway.status().alarms.filter((text) => text.startsWith('LS-DEVICE-007'));
    if (each.type === 'ev-site')
      assert.match(
        unreported().join(),
        /device-1: cp-01 sends no meter values while a car charges.*set (MeterValueSampleInterval|SampledDataCtrlr\.TxUpdatedInterval) at the charger/,
      );
    else assert.deepEqual(unreported(), []);

    const mode = (to: 'automatic' | 'monitor'): unknown =>
      rig.gateway.local({ op: 'mode', mode: to, reason: 'commissioned' });
    mode('automatic');
    await run(rig, 60, peer);
    assert.ok(peer.writes() > 0, 'in automatic it is commanded');
    assert.deepEqual(unreported(), [], 'and its meter interval is set');
    mode('monitor');
    await run(rig, 2, peer);
    const before = peer.writes();
    await run(rig, 400, peer);
    await peer.reconnects(rig);
    await run(rig, 60, peer);
    await peer.restarts(rig);
    await run(rig, 60, peer);
    assert.equal(peer.writes(), before, 'written setpoints are left to their revert time');
    await rig.gateway.stop();
    await turnOver();
    assert.equal(peer.writes(), before, 'the same at the end');
  });
}
