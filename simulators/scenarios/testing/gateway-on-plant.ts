import { stringify } from 'yaml';
import { parseConfig } from '../../../edge/config/load.ts';
import { FakeUplink } from '../../../edge/cycle/testing/fake-uplink.ts';
import { Gateway } from '../../../edge/gateway.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { DeviceFaces } from '../../faces/device-faces.ts';
import { Plant } from '../../plant/plant.ts';
import { gatewayConfig } from '../../region/gateway-config.ts';
import { plantSpecs } from '../../region/inputs.ts';
import { gatewayOf, type SubstationId } from '../../data/names.ts';
import { SimNetwork } from '../../sim/sim-network.ts';

export interface OnPlantOptions {
  readonly id: SubstationId;
  /** Start hour on 2021-09-25, UTC. */
  readonly hour: number;
  /** Import limits by guarded element, kW; the region's by default. */
  readonly importKw?: Readonly<Record<string, number>>;
}

export interface OnPlant {
  readonly plant: Plant;
  readonly gateway: Gateway;
  readonly uplink: FakeUplink;
  readonly clock: VirtualClock;
  run(seconds: number, each?: (second: number) => void): Promise<void>;
  stop(): Promise<void>;
}

/** One gateway of the region on its plant, on virtual time, with a cloud that only sends heartbeats. */
export async function gatewayOnPlant({ id, hour, importKw = {} }: OnPlantOptions): Promise<OnPlant> {
  const start = Date.UTC(2021, 8, 25, hour);
  const clock = new VirtualClock(start);
  const spec = plantSpecs().find((each) => each.id === id)!;
  const plant = new Plant(spec, { seed: 1, startMs: start });
  const network = new SimNetwork({ clock, random: new SeededRandom(1) });
  const faces = new DeviceFaces({ plant, link: network.link(), clientId: 'plant' });
  const uplink = new FakeUplink();
  const yaml = stringify(
    gatewayConfig(id, {
      uplinkUrl: 'mqtt://cloud',
      localListen: '127.0.0.1:18830',
      journalPath: 'journal',
      cyclePeriodMs: 1000,
    }),
  );
  const config = parseConfig(yaml, `${gatewayOf(id)}.yaml`);
  for (const guarded of config.guarded) {
    const limit = importKw[guarded.id];
    if (limit !== undefined) guarded.limits.importKw = limit;
  }
  const gateway = new Gateway({ config, clock, uplink, deviceLink: network.link(), random: new SeededRandom(2) });
  faces.start();
  await gateway.start();
  let second = 0;
  return {
    plant,
    gateway,
    uplink,
    clock,
    run: async (seconds, each) => {
      for (const end = second + seconds; second < end; second++) {
        plant.step(1);
        await faces.publish();
        if (second % 60 === 0) uplink.down({ kind: 'heartbeat', time: clock.plant.now(), lagMs: 0 });
        await clock.advance(1000);
        each?.(second);
      }
    },
    stop: async () => {
      await gateway.stop();
      await faces.stop();
    },
  };
}
