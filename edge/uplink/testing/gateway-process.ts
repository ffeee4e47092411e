import { SystemClock } from '../../../shared/time/system-clock.ts';
import { composeUplink } from '../compose-uplink.ts';
import type { UplinkConfig } from '../config.ts';
import { WorkerUplink } from '../worker-uplink.ts';

/**
 * The uplink of a gateway in its own thread, as in the daemon, or those of a list of gateways in this one thread, in a process that
 * a test kills. It sends three counted frames every 20 ms, or at the interval in argv.
 */
const [, , argument, mode, everyMs = '20'] = process.argv;
const given = JSON.parse(argument!) as UplinkConfig | UplinkConfig[];
const clock = new SystemClock((error) => {
  throw error;
});
const onFailure = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
const uplinks = Array.isArray(given)
  ? given.map((config, at) => composeUplink({ config, clock, seed: process.pid + at, onFailure }))
  : [new WorkerUplink({ config: given, clock, line: null, seed: process.pid, onFailure })];
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
