import { gridCodes } from '../../shared/grid/grid-codes.ts';
import type { DeviceConfig } from '../config/device.ts';
import type { GuardedConfig } from '../config/guarded.ts';
import { staleAfterSOf, writesOf, type Source } from '../config/reads.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { CommonSpec } from '../drivers/protocol.ts';
import { protocolOf, type DriverSpec } from '../drivers/table.ts';
import { setpointOf, signedKw } from '../control/model.ts';
import type { Setpoint } from '../control/setpoint.ts';
import { leverOf, ratedKw, spansOf } from './specs.ts';

type Spec = DriverSpec & { readonly staleAfterS: number };

/** Specifications of all drivers: those of devices and of the meters of guarded elements. */
export function driverSpecs(config: GatewayConfig): readonly Spec[] {
  return [...config.guarded.map(meterSpec), ...config.devices.map((device) => deviceSpec(device, config))];
}

const specOf = (source: Source, common: CommonSpec): Spec =>
  ({
    ...common,
    driver: source.driver,
    staleAfterS: staleAfterSOf(source),
    ...protocolOf(source).spec(source),
  }) as Spec;

const LEAST_METER_KW = 1000;

const meterSpec = ({ id, meter, ratedKva, limits }: GuardedConfig): Spec =>
  specOf(meter, {
    id,
    ratedKw: ratedKva ?? Math.max(limits.importKw ?? 0, limits.exportKw ?? 0, LEAST_METER_KW),
    spans: {},
    safeDefault: {},
  });

const deviceSpec = (device: DeviceConfig, config: GatewayConfig): Spec =>
  specOf(device, {
    id: device.id,
    ratedKw: ratedKw(device),
    spans: spansOf(device),
    safeDefault: safeSetpoint(device),
    gridCode: gridCodeOf(device, config),
  });

/** The safe default with the key by which the gateway commands the device, whichever key states it. */
function safeSetpoint(device: DeviceConfig): Setpoint {
  const { safeDefault = {} } = device;
  const lever = leverOf(device);
  const kw = signedKw(lever, safeDefault);
  return kw === undefined ? safeDefault : { ...safeDefault, ...setpointOf(lever, kw) };
}

/** The grid code applies to inverters that the gateway may command; others are left alone. */
function gridCodeOf(device: DeviceConfig, { gridCode }: GatewayConfig) {
  const inverter = device.type === 'pv-inverter' || device.type === 'battery';
  const ours = writesOf(device) !== undefined && device.connectionPoint?.authority !== 'none';
  if (gridCode === undefined || !inverter || !ours) return undefined;
  const { activePowerKw, dischargeKw, apparentPowerKva } = device.ratings;
  const kw = activePowerKw ?? dischargeKw;
  return { code: gridCodes[gridCode], kvaPerKw: kw === undefined || kw === 0 ? 1 : (apparentPowerKva ?? kw) / kw };
}
