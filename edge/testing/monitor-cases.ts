import type { SimulatedCharger } from '../../simulators/faces/chargers/simulated-charger.ts';
import { curveDevice } from '../../simulators/faces/curve-face.ts';
import { SunspecRegisters } from '../../simulators/faces/sunspec-registers.ts';
import { planDocument } from '../cycle/testing/documents.ts';
import { makeRig, START, type Rig, type RigOptions } from '../cycle/testing/rig.ts';
import { MemoryDevice } from '../drivers/modbus/testing/memory-device.ts';
import { MemoryChargers } from '../drivers/ocpp/testing/memory-chargers.ts';
import { birthOf, POWER, SET, TestNode } from '../drivers/sparkplug/testing/test-node.ts';

/** A simulated device at the other end of its protocol. */
export interface Peer {
  /** Number of messages so far that would change something at the device. */
  writes(): number;
  /** What it sends unsolicited each second. */
  speaks?(rig: Rig): void | Promise<void>;
  /** Breaks its connection and reconnects. */
  reconnects(rig: Rig): void | Promise<void>;
  /** Loses power and starts again. */
  restarts(rig: Rig): void | Promise<void>;
}

export interface Case {
  readonly name: string;
  /** Keys of the device besides its id, type and connection point. */
  readonly yaml: string;
  readonly type: 'battery' | 'pv-inverter' | 'ev-site';
  readonly parts?: Pick<RigOptions, 'openWire' | 'openChargers'>;
  readonly peer: (rig: Rig) => Peer | Promise<Peer>;
}

const SITE = `
gateway: { id: owd-01, substation: owd, timezone: Europe/Amsterdam, topologyVersion: 3 }
mode: monitor
gridCode: en50549-1
guarded:
  - id: transformer
    meter: { driver: mqtt, read: { activePowerKw: { topic: t/p }, staleAfterS: 3 } }
    limits: { importKw: 200, exportKw: 200 }
envelope: { default: { importKw: 100, exportKw: 100 } }
`;
const RATINGS = {
  battery: '{ chargeKw: 100, dischargeKw: 100, capacityKwh: 200 }',
  'pv-inverter': '{ activePowerKw: 250, apparentPowerKva: 275 }',
  'ev-site': '{ activePowerKw: 88 }',
} as const;
const SAFE = {
  battery: '{ activePowerKw: 0 }',
  'pv-inverter': '{ activePowerLimitKw: 100 }',
  'ev-site': '{ activePowerLimitKw: 17 }',
} as const;

const siteOf = ({ type, yaml }: Case): string => `${SITE}devices:
  - id: device-1
    type: ${type}
    connectionPoint: { id: cp-1, authority: direct }
    ratings: ${RATINGS[type]}
    safeDefault: ${SAFE[type]}
${yaml}`;

export const turnOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function run(rig: Rig, seconds: number, peer?: Peer): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await peer?.speaks?.(rig);
    await rig.run(1);
    await turnOver();
  }
}

const topicWrites = ({ link }: Rig, isWrite: (topic: string) => boolean): number =>
  link.published.filter(({ topic }) => isWrite(topic)).length;

/** Modbus function codes that write (application protocol 1.1b3): coils, registers, mask, and read-and-write. */
const WRITES = new Set([5, 6, 15, 16, 21, 22, 23]);
const codeOf = (frame: string): number => Number.parseInt(frame.slice('> '.length + 14, '> '.length + 16), 16);

const onWire = (device: MemoryDevice): Peer => {
  const back = async (rig: Rig): Promise<void> => {
    device.mode = 'unreachable';
    device.hangUp();
    await run(rig, 5);
    device.mode = 'answers';
  };
  return {
    writes: () => device.frames.filter((frame) => frame.startsWith('>') && WRITES.has(codeOf(frame))).length,
    reconnects: back,
    restarts: back,
  };
};

function modern(): SunspecRegisters {
  const points = ['WSetEna', 'WSetMod', 'WSet', 'WSetRvrt', 'WSetEnaRvrt', 'WSetRvrtTms'].map((each) => `704.${each}`);
  const registers = new SunspecRegisters(
    [1, 701, 702, 704, 713, 715],
    [...points, '715.ControllerHb'],
    () => undefined,
  );
  const values = { '701.W': 0, '701.W_SF': 2, '702.WMax': 100, '702.WMaxRtg': 100, '702.W_SF': 3, '704.WSet_SF': 1 };
  const rest = { '713.SoC': 62, '713.Pct_SF': 0, '715.LocRemCtl': 0, '715.ControllerHb': 0 };
  for (const point of points) registers.set(point, 0);
  for (const [point, value] of Object.entries({ ...values, ...rest })) registers.set(point, value);
  return registers;
}

function table(): MemoryDevice {
  const device = new MemoryDevice();
  for (let register = 0; register < 10; register++) device.put(register, 0);
  return device;
}

const wired = (name: string, type: Case['type'], device: MemoryDevice, yaml: string): Case => ({
  name,
  type,
  yaml,
  parts: { openWire: device.openWire },
  peer: () => onWire(device),
});

/** A charger that sends meter values only after its interval is configured, like most do. */
function charging(version: 'ocpp1.6' | 'ocpp2.0.1'): Case {
  const chargers = new MemoryChargers();
  const SET_BY = ['SetChargingProfile', 'ChangeConfiguration', 'SetVariables', 'ClearChargingProfile', 'Reset'];
  return {
    name: version,
    type: 'ev-site',
    yaml: `    driver: ocpp
    connection: { listen: "127.0.0.1:0", chargers: [cp-01], staleAfterS: 30 }
`,
    parts: { openChargers: chargers.open },
    peer: async ({ clock }) => {
      const charger: SimulatedCharger = chargers.charger({
        id: 'cp-01',
        version,
        maxKw: 22,
        now: () => clock.plant.now(),
      });
      const isSet = ({ action }: { readonly action: string }): boolean => SET_BY.includes(action);
      let seconds = 0;
      chargers.connect(charger);
      await turnOver();
      await charger.boot();
      await charger.plug(1, 22);
      return {
        writes: () => charger.asked.filter(isSet).length,
        speaks: async () => {
          charger.step(1);
          const configured = charger.asked.some(
            ({ action }) => action === 'ChangeConfiguration' || action === 'SetVariables',
          );
          if (configured && ++seconds % 10 === 0) await charger.meter();
        },
        reconnects: () => {
          chargers.disconnect(charger);
          chargers.connect(charger);
        },
        restarts: async () => {
          chargers.disconnect(charger);
          chargers.connect(charger);
          await charger.boot();
        },
      };
    },
  };
}

/** One device per protocol that the gateway would command if it did more than monitor. */
export const cases: readonly Case[] = [
  {
    name: 'mqtt',
    type: 'battery',
    yaml: `    driver: mqtt
    read: { activePowerKw: { topic: b/p }, socPct: { topic: b/soc } }
    write: { activePowerKw: { topic: b/set } }
`,
    peer: (rig) => ({
      writes: () => topicWrites(rig, (topic) => topic === 'b/set'),
      reconnects: () => rig.link.reconnect(),
      restarts: () => rig.link.reconnect(),
    }),
  },
  {
    name: 'sparkplug',
    type: 'battery',
    yaml: `    driver: sparkplug
    connection: { group: north, node: plc-1, device: battery }
    read: { activePowerKw: { metric: ${POWER}, scale: 0.001 }, socPct: { metric: SoC } }
    write: { activePowerKw: { metric: ${SET}, scale: 1000 } }
`,
    peer: async (rig) => {
      const node = new TestNode(rig.clock, rig.link);
      const births = async (): Promise<void> => {
        await node.nbirth();
        await node.dbirth(birthOf(node, { [POWER]: 0, SoC: 60, [SET]: 0 }));
      };
      await births();
      let asked = node.rebirths();
      return {
        speaks: async () => {
          if (node.rebirths() === asked) return;
          asked = node.rebirths();
          await births();
        },
        // A rebirth request sets nothing, so it is no control.
        writes: () =>
          topicWrites(
            rig,
            (topic) => topic.startsWith('spBv1.0/north/DCMD') || topic.startsWith('spBv1.0/north/NCMD'),
          ) - node.rebirths(),
        reconnects: async () => {
          await rig.link.reconnect();
          await births();
        },
        restarts: async () => {
          await node.ndeath();
          node.bdSeq++;
          await births();
        },
      };
    },
  },
  wired(
    'modbus',
    'battery',
    table(),
    `    driver: modbus
    connection: { host: device }
    read: { activePowerKw: { register: 0, type: int16 }, socPct: { register: 1, type: int16 } }
    write: { activePowerKw: { register: 2, type: int16, revert: { register: 3, type: uint16 } } }
`,
  ),
  wired(
    'sunspec, with a heartbeat of its controller',
    'battery',
    new MemoryDevice(modern()),
    `    driver: sunspec
    connection: { host: device }
    write: { activePowerKw: {} }
`,
  ),
  wired(
    'sunspec, with curves of a grid code',
    'pv-inverter',
    new MemoryDevice(curveDevice('newer').registers),
    `    driver: sunspec
    connection: { host: device }
    write: { activePowerLimitKw: {} }
`,
  ),
  charging('ocpp1.6'),
  charging('ocpp2.0.1'),
];

/** Plan setpoints for each kind of device, kW. */
const PLANNED = { battery: -50, 'pv-inverter': -20, 'ev-site': 8 } as const;

export interface Session {
  readonly rig: Rig;
  readonly peer: Peer;
  /** The gateway hears the device and has a setpoint for it. */
  readonly wants: () => boolean;
}

/** A gateway in monitor with one device, a plan and an exceeded limit; the device reconnects and restarts. */
export async function watchedSession(each: Case): Promise<Session> {
  const rig = await makeRig({ yaml: siteOf(each), ...each.parts });
  for (const topic of Object.keys(rig.world)) delete rig.world[topic];
  Object.assign(rig.world, { 't/p': 100, 'b/p': 0, 'b/soc': 50 });
  const peer = await each.peer(rig);
  const wants = (): boolean => {
    const device = rig.gateway.status().devices[0]!;
    return device.link === 'up' && device.setpointKw !== null;
  };
  await run(rig, 10, peer);
  const kw = PLANNED[each.type];
  const devices = [{ device: 'device-1', activePowerKw: [kw, kw, kw, kw], reasons: [] }];
  rig.uplink.down({ kind: 'document', document: planDocument(START, { devices }) });
  rig.world['t/p'] = each.type === 'pv-inverter' ? -280 : 280;
  await run(rig, 200, peer);
  await peer.reconnects(rig);
  await run(rig, 60, peer);
  await peer.restarts(rig);
  await run(rig, 60, peer);
  return { rig, peer, wants };
}
