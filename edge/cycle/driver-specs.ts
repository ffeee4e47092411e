import { gridCodes } from '../../shared/grid/grid-codes.ts';
import { staleAfterSOf } from '../config/reads.ts';
import type { DeviceConfig } from '../config/device.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { GuardedConfig } from '../config/guarded.ts';
import type { DriverSpec } from '../drivers/table.ts';
import { ratedKw, spansOf } from './specs.ts';

/** What the drivers are made from: devices and the meters of guarded elements alike. */
export function driverSpecs(config: GatewayConfig): readonly (DriverSpec & { readonly staleAfterS: number })[] {
  return [...config.guarded.map(meterSpec), ...config.devices.map((device) => deviceSpec(device, config))];
}

const LEAST_METER_KW = 1000;

function meterSpec({ id, meter, ratedKva, limits }: GuardedConfig): DriverSpec & { readonly staleAfterS: number } {
  const common = {
    id,
    write: undefined,
    ratedKw: ratedKva ?? Math.max(limits.importKw ?? 0, limits.exportKw ?? 0, LEAST_METER_KW),
    spans: {},
    safeDefault: {},
    staleAfterS: staleAfterSOf(meter),
  };
  switch (meter.driver) {
    case 'mqtt':
      return { ...common, driver: meter.driver, sign: meter.sign, read: meter.read };
    case 'sparkplug':
      return { ...common, driver: meter.driver, sign: meter.sign, connection: meter, read: meter.read };
    case 'sunspec':
      return { ...common, driver: meter.driver, sign: meter.sign, connection: meter, models: meter.models };
    case 'modbus':
      return { ...common, driver: meter.driver, sign: meter.sign, connection: meter, read: meter.read };
  }
}

/** Inverters that the gateway may command hold the site's grid code; whose they are not, it leaves alone. */
function gridCodeOf(device: DeviceConfig, { gridCode }: GatewayConfig) {
  const inverter = device.type === 'pv-inverter' || device.type === 'battery';
  const ours = device.write !== undefined && device.connectionPoint?.authority !== 'none';
  if (gridCode === undefined || !inverter || !ours) return undefined;
  const { activePowerKw, dischargeKw, apparentPowerKva } = device.ratings;
  const kw = activePowerKw ?? dischargeKw;
  return { code: gridCodes[gridCode], kvaPerKw: kw === undefined || kw === 0 ? 1 : (apparentPowerKva ?? kw) / kw };
}

function deviceSpec(device: DeviceConfig, config: GatewayConfig): DriverSpec & { readonly staleAfterS: number } {
  const common = {
    id: device.id,
    ratedKw: ratedKw(device),
    spans: spansOf(device),
    safeDefault: device.safeDefault ?? {},
    staleAfterS: staleAfterSOf(device),
  };
  switch (device.driver) {
    case 'mqtt': {
      const { driver, sign, read, write } = device;
      return { ...common, driver, sign, read, write };
    }
    case 'sparkplug': {
      const { driver, sign, connection, read, write } = device;
      return { ...common, driver, sign, connection, read, write };
    }
    case 'sunspec': {
      const { driver, sign, connection, models, write } = device;
      return { ...common, driver, sign, connection, models, write, gridCode: gridCodeOf(device, config) };
    }
    case 'modbus': {
      const { driver, sign, connection, read, write } = device;
      return { ...common, driver, sign, connection, read, write };
    }
    case 'ocpp': {
      const { driver, connection, ratings, write } = device;
      const site = { ...connection, userFile: connection.userFile };
      return { ...common, driver, connection: site, minimumKw: ratings.minimumKwPerSession ?? SESSION_KW, write };
    }
  }
}

/** 6 A on three phases: below it a session does not charge (IEC 61851-1, A.2.3), kW. */
const SESSION_KW = 4.14;
