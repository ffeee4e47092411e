import { SystemClock } from '../../../shared/time/system-clock.ts';
import type { UplinkConfig } from '../config.ts';
import { WorkerUplink } from '../worker-uplink.ts';

/** A gateway's uplink as a process of its own that a test kills: three frames each 20 ms, counted from what argv says. */
const config = JSON.parse(process.argv[2]!) as UplinkConfig;
const clock = new SystemClock((error) => {
  throw error;
});
const uplink = new WorkerUplink({
  config,
  clock,
  line: null,
  seed: process.pid,
  onFailure: (error) => process.stderr.write(`${String(error)}\n`),
});
await uplink.start((message) => {
  if (message.kind === 'link') process.stdout.write(`${JSON.stringify(message)}\n`);
});
let count = 0;
const produce = (): void => {
  const time = clock.plant.now();
  const frames = ['pv-1', 'battery-1', 'transformer'].map((device) => ({
    device,
    time,
    values: [{ metric: 'activePowerKw', value: count++, quality: 'good', origin: 'measured' } as const],
  }));
  uplink.send({ kind: 'frames', frames });
  clock.machine.after(20, produce);
};
if (process.argv[3] !== 'quiet') produce();
process.on('SIGTERM', () => {
  uplink.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
