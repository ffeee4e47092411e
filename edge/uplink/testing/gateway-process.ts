import { SystemClock } from '../../../shared/time/system-clock.ts';
import type { UplinkConfig } from '../config.ts';
import { WorkerUplink } from '../worker-uplink.ts';

/** Uplinks of one gateway or of several as a process of their own that a test kills: three frames each 20 ms, or as argv says, counted. */
const configs = [JSON.parse(process.argv[2]!) as UplinkConfig | UplinkConfig[]].flat();
const [, , , mode, everyMs = '20'] = process.argv;
const clock = new SystemClock((error) => {
  throw error;
});
const uplinks = configs.map(
  (config, at) =>
    new WorkerUplink({
      config,
      clock,
      line: null,
      seed: process.pid + at,
      onFailure: (error) => process.stderr.write(`${String(error)}\n`),
    }),
);
await Promise.all(
  uplinks.map((uplink) =>
    uplink.start((message) => {
      if (message.kind === 'link') process.stdout.write(`${JSON.stringify(message)}\n`);
    }),
  ),
);
let count = 0;
const produce = (): void => {
  const time = clock.plant.now();
  for (const uplink of uplinks) {
    const frames = ['pv-1', 'battery-1', 'transformer'].map((device) => ({
      device,
      time,
      values: [{ metric: 'activePowerKw', value: count++, quality: 'good', origin: 'measured' } as const],
    }));
    uplink.send({ kind: 'frames', frames });
  }
  clock.machine.after(Number(everyMs), produce);
};
if (mode !== 'quiet') produce();
process.on('SIGTERM', () => {
  Promise.all(uplinks.map((uplink) => uplink.stop())).then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
