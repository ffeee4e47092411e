import { nearest } from '../../shared/config/nearest.ts';
import type { RefuseConfig } from '../../shared/config/read-config.ts';
import type { DeviceConfig } from './device.ts';
import type { GatewayConfig } from './schema.ts';

/** Refuses values that fit their keys, but not each other or the world. */
export function checkSense(config: GatewayConfig, refuse: RefuseConfig): void {
  checkTimezone(config.gateway.timezone, refuse);
  for (const [index, { ratedKva, limits }] of config.guarded.entries())
    for (const key of ['importKw', 'exportKw'] as const)
      atMost(limits[key], ratedKva, {
        path: `/guarded/${index}/limits/${key}`,
        what: 'ratedKva of what it guards',
        refuse,
      });
  for (const [index, device] of config.devices.entries()) {
    const path = `/devices/${index}`;
    checkSafeDefault(device, `${path}/safeDefault`, refuse);
    const { contract, floorKw } = device.connectionPoint ?? {};
    const key = device.type === 'pv-inverter' ? 'exportKw' : 'importKw';
    const about = { path: `${path}/connectionPoint/floorKw`, what: `contract.${key}`, refuse };
    atMost(floorKw, contract?.[key], about);
  }
}

function checkTimezone(zone: string, refuse: RefuseConfig): void {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions();
  } catch {
    const near = nearest(zone, Intl.supportedValuesOf('timeZone'));
    const hint = near === undefined ? 'give an IANA name, such as Europe/Amsterdam' : `did you mean "${near}"?`;
    refuse('/gateway/timezone', 'LS-CONFIG-002', `is "${zone}", which is no time zone; ${hint}`);
  }
}

/** A device that falls back by itself can only fall back to what it can do. */
function checkSafeDefault({ safeDefault, ratings, type }: DeviceConfig, path: string, refuse: RefuseConfig): void {
  if (safeDefault === undefined) return;
  const { activePowerKw, activePowerLimitKw, reactivePowerKvar, capacitorStep } = safeDefault;
  const most = type === 'battery' ? ratings.chargeKw : ratings.activePowerKw;
  const about = (key: string, what: string): About => ({ path: `${path}/${key}`, what, refuse });
  if (activePowerKw !== undefined) {
    const fed = type === 'battery' && activePowerKw < 0;
    const rated = fed ? ratings.dischargeKw : most;
    const name = type === 'battery' ? (fed ? 'dischargeKw' : 'chargeKw') : 'activePowerKw';
    atMost(Math.abs(activePowerKw), rated, about('activePowerKw', `ratings.${name}`));
  }
  const limited = type === 'battery' ? 'chargeKw' : 'activePowerKw';
  atMost(activePowerLimitKw, most, about('activePowerLimitKw', `ratings.${limited}`));
  const [kvar, name] =
    ratings.maxReactiveKvar === undefined
      ? [ratings.apparentPowerKva, 'apparentPowerKva']
      : [ratings.maxReactiveKvar, 'maxReactiveKvar'];
  if (reactivePowerKvar !== undefined)
    atMost(Math.abs(reactivePowerKvar), kvar, about('reactivePowerKvar', `ratings.${name}`));
  atMost(capacitorStep, ratings.steps, about('capacitorStep', 'ratings.steps'));
}

interface About {
  readonly path: string;
  readonly what: string;
  readonly refuse: RefuseConfig;
}

function atMost(value: number | undefined, most: number | undefined, { path, what, refuse }: About): void {
  if (value === undefined || most === undefined || value <= most) return;
  refuse(path, 'LS-CONFIG-002', `is ${value}, above ${what} (${most}); give ${most} at most, or correct ${what}`);
}
