import { test } from 'node:test';
import { freePorts } from '../testing/free-ports.ts';
import { UplinkLine } from '../testing/uplink-line.ts';
import { refusesForgedPlans } from './testing/forged-plans.ts';
import { survivesKillsAndACut } from './testing/kills-and-cut.ts';
import { meetsASpike } from './testing/met-spike.ts';
import { withDemo } from './testing/running-demo.ts';

test('two substations run behind a line that can be cut and listened to', async (t) => {
  const uplinkPort = await freePorts(2);
  const uplinkVia = uplinkPort + 1;
  const line = new UplinkLine();
  await line.start(uplinkVia, uplinkPort);
  try {
    await withDemo({ substations: ['hal', 'owd'], history: false, uplinkPort, uplinkVia }, async (demo) => {
      await t.test('the guard meets a spike within two cycles, under the plan in force; a new plan follows', () =>
        meetsASpike(demo),
      );
      await t.test('a gateway refuses an invalid plan with its code, even from an attacker on the line', () =>
        refusesForgedPlans(demo, line),
      );
      await t.test('control continues through kills and a cut; no accepted frame is lost or duplicated', () =>
        survivesKillsAndACut(demo, line),
      );
      await demo.interrupt();
    });
  } finally {
    await line.stop();
  }
});
