import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { MqttLink } from '../../edge/uplink/mqtt-link.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { DeviceFaces } from '../faces/device-faces.ts';
import { Plant } from '../plant/plant.ts';
import { plantSpecs } from '../region/inputs.ts';
import { quietHour } from '../sim/quiet-hour.ts';
import { BenchGateway, pause, until } from './bench-gateway.ts';
import { processTree, pssMb, treePssMb } from './memory.ts';
import type { BenchOptions } from './options.ts';

const WORK_S = 600;
const QUICK_S = 30;

/**
 * Memory of a working gateway: the real daemon with one substation's plant behind its broker at real-time speed, a model loaded and the
 * uplink connected. PSS summed over its processes. The baseline in the same run is a bare Node with aedes and the same model.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const workS = quick ? QUICK_S : WORK_S;
  const gateway = new BenchGateway();
  const startMs = Date.UTC(2021, 8, 25, 9);
  const plant = new Plant(
    plantSpecs().find(({ id }) => id === 'owd')!,
    { seed: 1, startMs },
  );
  let faces: DeviceFaces | undefined;
  try {
    await gateway.start({ change: trustSourceTimes, packed: true });
    await gateway.startCloud();
    const link = new MqttLink({
      url: `mqtt://127.0.0.1:${gateway.localPort}`,
      keepAliveS: 60,
      clock: gateway.clock,
      random: new SeededRandom(1),
      onFailure: (error) => say(String(error)),
    });
    faces = new DeviceFaces({ plant, link, clientId: 'plant' });
    faces.start();
    const bundle = await BenchGateway.trainModel(Math.round(gateway.clock.plant.now()));
    await until(() => gateway.cloud.births.length > 0, 150_000, 'the birth of the gateway');
    await gateway.loadModel(bundle);
    const before = gateway.bytesUp;
    const beganMs = machineMonotonicMs();
    for (let second = 0; second < workS; second++) {
      plant.step(1);
      await faces.publish();
      await pause(1000);
      if (second % 60 === 59) say(`${second + 1} s of work, ${treePssMb(gateway.pid).toFixed(1)} MB`);
    }
    const tookS = (machineMonotonicMs() - beganMs) / 1000;
    const bytesPerS = (gateway.bytesUp - before) / tookS;
    const parts = processTree(gateway.pid).map((pid) => Math.round(pssMb(pid) * 10) / 10);
    const gatewayPssMb = Math.round(treePssMb(gateway.pid) * 10) / 10;
    await gateway.halt();
    const barePssMb = await bare(bundle, gateway.packedNode);
    return {
      gatewayPssMb,
      processesMb: parts,
      barePssMb,
      ratio: Math.round((1000 * gatewayPssMb) / barePssMb) / 1000,
      wireBytesPerHour: await quietHour(),
      bytesPerGatewayDay: Math.round(bytesPerS * 86_400),
      workS: Math.round(tookS),
      framesStored: gateway.cloud.stored.size,
      modelBytes: bundle.bytes.length,
    };
  } finally {
    await faces?.stop();
    await gateway.stop();
  }
}

/** The plant's clock is in another year than the machine's, so source times are dropped and receipt times used instead. */
function trustSourceTimes(config: Record<string, unknown>): void {
  const drop = (read: unknown): void => {
    if (typeof read === 'object' && read !== null) delete (read as Record<string, unknown>)['timePath'];
  };
  for (const { meter } of config['guarded'] as { meter: { read: unknown } }[]) drop(meter.read);
  for (const { read } of config['devices'] as { read?: unknown }[]) drop(read);
}

/** Runs after the gateway has ended, with the same copy of Node, so that the two share no pages. */
async function bare(
  { manifest, bytes }: { manifest: ModelManifest; bytes: Uint8Array },
  execPath: string,
): Promise<number> {
  const child = fork(fileURLToPath(new URL('./bare.child.ts', import.meta.url)), [], {
    serialization: 'advanced',
    execPath,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  child.send({ bytes, row: manifest.parity.inputs[0] });
  await once(child, 'message');
  await pause(2000);
  const mb = Math.round(pssMb(child.pid!) * 10) / 10;
  child.disconnect();
  await once(child, 'exit');
  return mb;
}
