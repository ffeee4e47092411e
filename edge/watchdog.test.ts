import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../shared/ports/random.ts';
import type { TimerTask } from '../shared/time/clock.ts';
import { VirtualClock } from '../shared/time/virtual-clock.ts';
import { parseConfig } from './config/load.ts';
import { CycleLoop } from './cycle/loop.ts';
import { FakeUplink } from './cycle/testing/fake-uplink.ts';
import { START } from './cycle/testing/rig.ts';
import type { OpenWire } from './drivers/modbus/wire.ts';
import { MemoryLink } from './drivers/testing/memory-link.ts';
import { Gateway } from './gateway.ts';
import { Watchdog } from '../shared/service/watchdog.ts';

const YAML = `
gateway: { id: owd-01, substation: owd }
mode: automatic
devices:
  - id: pv-1
    type: pv-inverter
    driver: sunspec
    connection: { host: 10.0.0.2, silentAtNight: true }
    ratings: { activePowerKw: 100 }
    write: { activePowerLimitKw: {} }
    safeDefault: { activePowerLimitKw: 50 }
  - id: battery-1
    type: battery
    driver: mqtt
    ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 200 }
    read: { activePowerKw: { topic: b/p }, socPct: { topic: b/soc } }
    write: { activePowerKw: { topic: b/set } }
    safeDefault: { activePowerKw: 0 }
`;

async function watched(openWire: OpenWire, link = new MemoryLink(), lostTimerMs = Number.NaN) {
  const clock = new VirtualClock(START);
  // As on a real clock, nothing waits for a task to end.
  const plant = {
    ...clock.plant,
    after: (ms: number, task: TimerTask) =>
      clock.plant.after(ms, () => {
        if (ms !== lostTimerMs) void task();
      }),
  };
  const uplink = new FakeUplink();
  const gateway = new Gateway({
    config: parseConfig(YAML, 'gateway.yaml'),
    clock: { plant, machine: plant, speed: () => 1 },
    uplink,
    deviceLink: link,
    openWire,
    random: new SeededRandom(1),
  });
  await gateway.start();
  const notified: string[] = [];
  const stalls: string[] = [];
  const watchdog = new Watchdog({
    machine: clock.machine,
    everyMs: 20_000,
    notify: (state) => notified.push(state),
    stalled: () => gateway.stalled(),
    onStalled: (why) => stalls.push(why),
  });
  watchdog.start();
  const fed = async (seconds: number): Promise<number> => {
    const before = notified.length;
    for (let at = 0; at < seconds * 4; at++) {
      await clock.advance(250);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return notified.slice(before).filter((state) => state === 'WATCHDOG=1').length;
  };
  return { gateway, watchdog, uplink, notified, stalls, fed };
}

const silent: OpenWire = (_address, handlers) => {
  queueMicrotask(() => handlers.onOpen());
  return { write: () => undefined, close: () => undefined };
};
const unreachable: OpenWire = (_address, handlers) => {
  queueMicrotask(() => handlers.onClose('no route to host'));
  return { write: () => undefined, close: () => undefined };
};

test('the watchdog is fed despite silent devices, a dead link and a full journal', async () => {
  for (const openWire of [silent, unreachable]) {
    const link = new MemoryLink();
    const { fed, uplink, notified, stalls, watchdog } = await watched(openWire, link);
    assert.deepEqual(notified, ['READY=1']);
    link.connected = false;
    uplink.full = true;
    assert.equal(await fed(900), 45, 'longer than the longest poll pause of a sleeping device');
    assert.deepEqual(stalls, []);
    watchdog.stop();
    assert.equal(notified.at(-1), 'STOPPING=1');
  }
});

test('an endless cycle or a hanging driver starves the watchdog', async () => {
  const link = new MemoryLink();
  const hanging = await watched(unreachable, link);
  assert.equal(await hanging.fed(60), 3);
  await link.deliver('b/p', '0');
  await link.deliver('b/soc', '50');
  link.publish = () => new Promise<boolean>(() => undefined);
  await hanging.fed(60);
  assert.equal(await hanging.fed(60), 0);
  assert.match(hanging.stalls.at(-1) ?? '', /the control loop has not completed a cycle for \d+ s/);
  // A time-out that never fires, as a defect would cause.
  const hung = await watched(silent, new MemoryLink(), 800);
  await hung.fed(120);
  assert.equal(await hung.fed(60), 0);
  assert.match(hung.stalls.at(-1) ?? '', /the driver of pv-1 has made no progress for \d+ s/);
});

test('a control loop whose cycles all fail starves the watchdog and keeps trying', async () => {
  const clock = new VirtualClock(START);
  const after = (ms: number, task: TimerTask) =>
    clock.plant.after(ms, () => void Promise.resolve(task()).catch(() => undefined));
  let cycles = 0;
  const failing = async (): Promise<void> => {
    cycles++;
    throw new Error('a bug of ours');
  };
  const loop = new CycleLoop(
    { plant: { ...clock.plant, after }, machine: clock.machine, speed: () => 1 },
    250,
    failing,
  );
  loop.start();
  await clock.advance(30_000);
  assert.deepEqual([loop.sinceTickMs(), cycles > 100], [30_000, true]);
  await loop.stop().catch(() => undefined);
});
