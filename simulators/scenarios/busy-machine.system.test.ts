import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { until } from '../../shared/testing/until.ts';
import { withDemo, type RunningDemo } from './testing/running-demo.ts';

const GATEWAYS = ['owd-01', 'wwf-01'];
/** Its devices are asked over Modbus. */
const STARVED = 'wwf-01';
const HOGS = 2;
/** The starved gateway has a processor for so long and waits for one for so long, ms, in turn. */
const TURN = { runsMs: 300, waitsMs: 700 };
const CYCLES = 240;

const readings = (demo: RunningDemo) => Promise.all(GATEWAYS.map((id) => demo.atSite(id)));

test('on a busy machine plant time waits: no gateway misses a cycle, and no device is said not to follow', async () => {
  await withDemo({ substations: ['owd', 'wwf'] }, async (demo) => {
    await until('plans are in force at full speed', async () => {
      const all = await Promise.all(GATEWAYS.map((id) => demo.gateway(id)));
      const { clock } = await demo.region();
      return clock.speed === 60 && all.every(({ health }) => health?.plan.inForce === true);
    });
    const before = await readings(demo);
    const hogs = Array.from({ length: HOGS }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    const starved = starve(demo);
    try {
      await until('each gateway has run its cycles', async () => {
        const now = await readings(demo);
        return now.every(({ cycle }, at) => cycle.count - before[at]!.cycle.count >= CYCLES);
      });
      const { clock } = await demo.region();
      assert.ok(clock.speedReached < 0.5 * clock.speed, `${clock.speedReached} of ${clock.speed}`);
    } finally {
      starved.end();
      for (const hog of hogs) hog.kill('SIGKILL');
    }
    const after = await readings(demo);
    assert.deepEqual(
      after.map(({ cycle }) => cycle.overruns),
      before.map(({ cycle }) => cycle.overruns),
      'cycles missed',
    );
    const alarms = (await demo.events()).filter(({ kind, active, code }) => {
      return kind === 'alarm' && active === true && /LS-CONTROL-00[45]|LS-GATEWAY/.test(code);
    });
    assert.deepEqual(
      alarms.map(({ source, text }) => `${source}: ${text}`),
      [],
    );
  });
});

/** Takes the processor from a gateway again and again, until it is ended. */
function starve(demo: RunningDemo): { end(): void } {
  const { pid } = demo.process(STARVED)!;
  let timer: NodeJS.Timeout;
  const turn = (signal: 'SIGSTOP' | 'SIGCONT'): void => {
    process.kill(pid, signal);
    const isStopped = signal === 'SIGSTOP';
    timer = setTimeout(() => turn(isStopped ? 'SIGCONT' : 'SIGSTOP'), isStopped ? TURN.waitsMs : TURN.runsMs);
  };
  turn('SIGSTOP');
  return {
    end: () => {
      clearTimeout(timer);
      process.kill(pid, 'SIGCONT');
    },
  };
}
