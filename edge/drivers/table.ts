import type { Static } from 'typebox';
import type { Models, RegisterRead, RegisterWrites, TimedWrites } from '../config/modbus.ts';
import type { OcppWrites } from '../config/ocpp.ts';
import type { MqttRead, MqttWrites } from '../config/signals.ts';
import type { SparkplugRead, SparkplugWrites } from '../config/sparkplug.ts';
import type { GridCode } from '../../shared/grid/grid-codes.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { setpointKeys, type Setpoint } from '../control/setpoint.ts';
import type { Driver, WireSpans } from './driver.ts';
import type { FieldLines, LineAddress } from './modbus/field-lines.ts';
import { ModbusDriver } from './modbus/modbus-driver.ts';
import type { FindMap } from './modbus/profile.ts';
import { findRegisters } from './modbus/register-map.ts';
import { MqttDriver } from './mqtt.ts';
import type { ChargerSite, OpenChargers } from './ocpp/chargers.ts';
import { OcppDriver } from './ocpp/ocpp-driver.ts';
import { turn, type Sign } from './sign.ts';
import type { SparkplugHost } from './sparkplug/sparkplug-host.ts';
import { findSunspec } from './sunspec/sunspec-map.ts';
import type { TopicBus } from './topic-bus.ts';

interface Connection extends LineAddress {
  readonly unitId: number;
  readonly pollMs: number;
  readonly timeoutMs: number;
  readonly silentAtNight: boolean;
}

interface CommonSpec {
  readonly id: string;
  readonly ratedKw: number;
  readonly spans: WireSpans;
  /** What the device reverts to, in the load convention. */
  readonly safeDefault: Setpoint;
}

export interface MqttSpec extends CommonSpec {
  readonly driver: 'mqtt';
  readonly sign: Sign;
  readonly read: MqttRead | undefined;
  readonly write: MqttWrites | undefined;
}

export interface SparkplugSpec extends CommonSpec {
  readonly driver: 'sparkplug';
  readonly sign: Sign;
  readonly connection: { readonly group: string; readonly node: string; readonly device?: string | undefined };
  readonly read: SparkplugRead | undefined;
  readonly write: SparkplugWrites | undefined;
  readonly staleAfterS: number;
}

export interface SunspecSpec extends CommonSpec {
  readonly driver: 'sunspec';
  readonly sign: Sign | undefined;
  readonly connection: Connection & { readonly nominalV: number };
  readonly models: Static<typeof Models>;
  readonly write: Static<typeof TimedWrites> | undefined;
  /** Absent: the functions of the device are left as they are. */
  readonly gridCode?: { readonly code: GridCode; readonly kvaPerKw: number } | undefined;
}

export interface ModbusSpec extends CommonSpec {
  readonly driver: 'modbus';
  readonly sign: Sign;
  readonly connection: Connection & { readonly gap: number };
  readonly read: RegisterRead | undefined;
  readonly write: Static<typeof RegisterWrites> | undefined;
}

export interface OcppSpec extends CommonSpec {
  readonly driver: 'ocpp';
  readonly connection: ChargerSite & { readonly staleAfterS: number; readonly nominalV: number };
  /** Below it a session does not charge, kW. */
  readonly minimumKw: number;
  readonly write: OcppWrites;
}

/** What a driver is made from, and what it may use. */
export type DriverSpec = MqttSpec | SparkplugSpec | SunspecSpec | ModbusSpec | OcppSpec;

export interface DriverResources {
  readonly bus: TopicBus;
  /** The gateway as the host of Sparkplug nodes, on the same bus; absent: there are none. */
  readonly host?: SparkplugHost | undefined;
  readonly lines: FieldLines;
  /** Listens for chargers; absent: none can connect. */
  readonly openChargers?: OpenChargers | undefined;
  readonly clock: Clock;
}

/** A new driver is a case here, an object in the configuration's schema and a run of the suite. */
export function createDriver(spec: DriverSpec, resources: DriverResources): Driver {
  switch (spec.driver) {
    case 'mqtt':
      return new MqttDriver({ ...spec, ...resources });
    case 'sparkplug': {
      const { host } = resources;
      if (host === undefined) throw new Error(`${spec.id} is a Sparkplug device, and there is no host for it`);
      return host.driver(spec);
    }
    case 'sunspec':
      return asked(spec, resources, findSunspec(sunspecOptions(spec)));
    case 'modbus': {
      const { staleAfterS: _, sessionList, ...read } = spec.read ?? { staleAfterS: 0, sessionList: undefined };
      const { gap } = spec.connection;
      return asked(spec, resources, findRegisters({ read, sessionList, write: spec.write ?? {}, gap }));
    }
    case 'ocpp': {
      const { connection, safeDefault, write } = spec;
      const driver = new OcppDriver({
        ...spec,
        ...resources,
        ...connection,
        site: connection,
        safeKw: safeDefault.activePowerLimitKw ?? safeDefault.activePowerKw ?? 0,
        write: write.activePowerLimitKw,
      });
      resources.lines.add(driver);
      return driver;
    }
  }
}

const REST_MS = 60_000;
const NIGHT_REST_MS = 300_000;

function asked(spec: SunspecSpec | ModbusSpec, { lines, clock }: DriverResources, findMap: FindMap): Driver {
  const { connection, sign, ratedKw, spans, write } = spec;
  const { unitId, pollMs, timeoutMs, silentAtNight } = connection;
  const driver = new ModbusDriver({
    line: lines.line(connection),
    unitId,
    pollMs,
    timeoutMs,
    longestRestMs: silentAtNight ? NIGHT_REST_MS : REST_MS,
    findMap,
    sign,
    ratedKw,
    spans,
    write: write ?? {},
    staleAfterS: 'read' in spec ? (spec.read?.staleAfterS ?? 0) : 0,
    clock,
  });
  lines.add(driver);
  return driver;
}

function sunspecOptions({ models, connection, write, safeDefault, sign, gridCode }: SunspecSpec) {
  const keys = setpointKeys.filter((key) => write?.[key] !== undefined);
  const own = setpointKeys.flatMap((key) => {
    const value = safeDefault[key];
    return value === undefined ? [] : [[key, turn(sign ?? 'generation-positive', key, value)]];
  });
  return {
    models,
    nominalV: connection.nominalV,
    keys: new Set(keys),
    revertTo: Object.fromEntries(own) as Setpoint,
    gridCode,
  };
}
