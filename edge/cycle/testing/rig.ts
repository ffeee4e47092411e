import type { LoadSeries } from '../../../shared/forecast/series.ts';
import { uncontrolledLoad } from '../../../shared/forecast/uncontrolled.ts';
import { inlineInference } from '../../../shared/inference/inline-inference.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import type { Clock, TimeBase } from '../../../shared/time/clock.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { parseConfig } from '../../config/load.ts';
import type { GatewayConfig } from '../../config/schema.ts';
import { SparkplugHost } from '../../drivers/sparkplug/sparkplug-host.ts';
import { MemoryLink } from '../../drivers/testing/memory-link.ts';
import { LocalForecaster } from '../../forecast/local-forecaster.ts';
import { Gateway, type GatewayOptions } from '../../gateway.ts';
import { FakeUplink } from './fake-uplink.ts';

/** A small substation: transformer, one head, a battery, a PV plant and an EV site, all over MQTT. */
export const RIG_YAML = `
gateway: { id: owd-01, substation: owd, timezone: Europe/Amsterdam, topologyVersion: 3 }
mode: automatic
guarded:
  - id: transformer
    ratedKva: 1000
    meter: { driver: mqtt, read: { activePowerKw: { topic: t/p }, reactivePowerKvar: { topic: t/q }, voltagePu: { topic: t/v }, staleAfterS: 3 } }
    limits: { importKw: 600, exportKw: 400, voltagePu: [0.9, 1.1] }
    failsafe: { importKw: 250, exportKw: 100, minimumHours: 2 }
  - id: feeder-1
    meter: { driver: mqtt, read: { activePowerKw: { topic: f/p }, staleAfterS: 3 } }
    limits: { importKw: 500 }
envelope: { default: { importKw: 200, exportKw: 200 }, narrowAfterS: 900, releaseKwPerS: 5 }
devices:
  - id: battery-1
    type: battery
    feeder: feeder-1
    driver: mqtt
    connectionPoint: { id: cp-1, authority: direct }
    ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 200 }
    read: { activePowerKw: { topic: b/p }, socPct: { topic: b/soc }, activePowerSetpointKw: { topic: b/set-read }, staleAfterS: 5 }
    write: { activePowerKw: { topic: b/set, template: '\${value}' } }
    safeDefault: { activePowerKw: 0 }
  - id: pv-1
    type: pv-inverter
    driver: mqtt
    connectionPoint: { id: cp-2, authority: limit }
    ratings: { activePowerKw: 250 }
    read: { activePowerKw: { topic: pv/p }, voltagePu: { topic: pv/v }, staleAfterS: 5 }
    write: { activePowerLimitKw: { topic: pv/set, template: '\${value}' } }
    safeDefault: { activePowerLimitKw: 100 }
  - id: ev-1
    type: ev-site
    driver: mqtt
    connectionPoint: { id: cp-3, floorKw: 17, authority: guard }
    ratings: { activePowerKw: 88 }
    read: { activePowerKw: { topic: ev/p }, staleAfterS: 5 }
    write: { activePowerLimitKw: { topic: ev/set, template: '\${value}' } }
    safeDefault: { activePowerLimitKw: 17 }
`;

export const START = Date.UTC(2021, 8, 25);

export interface Rig {
  readonly clock: VirtualClock;
  readonly link: MemoryLink;
  readonly uplink: FakeUplink;
  readonly gateway: Gateway;
  /** Values published each second of the run, by topic. */
  readonly world: Record<string, number | null>;
  /** Last value sent on a topic. */
  commanded(topic: string): number | undefined;
  /** Runs for this many seconds; the world reports each second, and the cloud sends a heartbeat every 60 s while `alive`. */
  run(seconds: number, alive?: boolean): Promise<void>;
}

export interface RigOptions extends Pick<GatewayOptions, 'openWire' | 'openChargers'> {
  readonly yaml?: string;
  readonly uplink?: FakeUplink;
  readonly start?: number;
  /** Delay of the gateway's tasks, ms, as on a starved machine. Absent: on time. */
  readonly late?: () => number;
  /** 15-min means from before the start, as history for the local forecast; absent: no forecast. */
  readonly loads?: LoadSeries;
}

export async function makeRig(options: RigOptions = {}): Promise<Rig> {
  const clock = new VirtualClock(options.start ?? START);
  const link = new MemoryLink();
  const uplink = options.uplink ?? new FakeUplink();
  const config: GatewayConfig = parseConfig(options.yaml ?? RIG_YAML, 'rig.yaml');
  const { openWire, openChargers, late } = options;
  const gateway = new Gateway({
    config,
    ...(openWire === undefined ? {} : { openWire }),
    ...(openChargers === undefined ? {} : { openChargers }),
    clock: late === undefined ? clock : lateClock(clock, late),
    uplink,
    deviceLink: link,
    openSparkplug: (parts) => new SparkplugHost(parts),
    random: new SeededRandom(1),
    ...(options.loads === undefined ? {} : { forecaster: forecasterOf(config, clock, options.loads) }),
  });
  const started = gateway.start();
  if (uplink.late) await clock.advance(5000);
  await started;
  const world: Record<string, number | null> = {
    't/p': 300,
    't/q': 50,
    't/v': 1,
    'f/p': 200,
    'b/p': 0,
    'b/soc': 50,
    'pv/p': -50,
    'pv/v': 1,
    'ev/p': 40,
  };
  let sinceHeartbeat = 60;
  return {
    clock,
    link,
    uplink,
    gateway,
    world,
    commanded: (topic) => {
      const last = link.published.findLast((each) => each.topic === topic);
      return last === undefined ? undefined : Number(last.text);
    },
    run: async (seconds, alive = true) => {
      for (let second = 0; second < seconds; second++) {
        for (const [topic, value] of Object.entries(world)) {
          if (value !== null) await link.deliver(topic, String(value));
        }
        if (alive && ++sinceHeartbeat >= 60) {
          sinceHeartbeat = 0;
          uplink.down({ kind: 'heartbeat', time: clock.plant.now(), lagMs: 0 });
        }
        await clock.advance(1000);
      }
    },
  };
}

function lateClock(clock: VirtualClock, late: () => number): Clock {
  const { plant } = clock;
  const after: TimeBase['after'] = (delayMs, task) => plant.after(Math.max(0, delayMs) + late(), task);
  return { plant: { ...plant, after }, machine: clock.machine, speed: () => 1 };
}

function forecasterOf(config: GatewayConfig, clock: VirtualClock, loads: LoadSeries): LocalForecaster {
  const forecaster = new LocalForecaster({
    clock,
    inference: inlineInference(clock.machine),
    load: uncontrolledLoad(['transformer'], config.devices),
    zone: config.gateway.timezone,
    onEvent: () => undefined,
  });
  forecaster.seed(loads);
  return forecaster;
}
