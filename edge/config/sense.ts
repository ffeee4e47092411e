import { nearest } from '../../shared/config/nearest.ts';
import type { RefuseConfig } from '../../shared/config/read-config.ts';
import { TRANSFORMER } from '../control/model.ts';
import type { DeviceConfig } from './device.ts';
import type { GatewayConfig } from './schema.ts';

/** Refuses values that are valid on their own but not together, or not in the real world. */
export function checkSense(config: GatewayConfig, refuse: RefuseConfig): void {
  checkTimezone(config.gateway.timezone, refuse);
  for (const [index, guarded] of config.guarded.entries()) {
    const { ratedKva, limits } = guarded;
    checkTransformerOnly(guarded, `/guarded/${index}`, refuse);
    for (const key of ['importKw', 'exportKw'] as const)
      atMost(limits[key], ratedKva, { path: `/guarded/${index}/limits/${key}`, what: 'ratedKva', refuse });
  }
  for (const [index, device] of config.devices.entries()) {
    const path = `/devices/${index}`;
    checkSafeDefault(device, `${path}/safeDefault`, refuse);
    const { contract, floorKw } = device.connectionPoint ?? {};
    const key = device.type === 'pv-inverter' ? 'exportKw' : 'importKw';
    const about = { path: `${path}/connectionPoint/floorKw`, what: `contract.${key}`, refuse };
    atMost(floorKw, contract?.[key], about);
  }
}

/** Keys that only apply to the transformer; at a feeder they would silently do nothing. */
const AT_TRANSFORMER = {
  failsafe: 'the limit of the region is kept there',
  thermal: 'only its hot spot is predicted',
} as const;

function checkTransformerOnly(guarded: GatewayConfig['guarded'][number], path: string, refuse: RefuseConfig): void {
  if (guarded.id === TRANSFORMER) return;
  for (const [key, why] of Object.entries(AT_TRANSFORMER)) {
    if (guarded[key as keyof typeof AT_TRANSFORMER] === undefined) continue;
    const what = `is only for "${TRANSFORMER}", because ${why}, and this is ${guarded.id}`;
    refuse(
      `${path}/${key}`,
      'LS-CONFIG-002',
      `${what}; move it there, or leave it out: the limits of ${guarded.id} always hold`,
    );
  }
}

function checkTimezone(zone: string, refuse: RefuseConfig): void {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions();
  } catch {
    const near = nearest(zone, Intl.supportedValuesOf('timeZone'));
    const hint = near === undefined ? 'give an IANA name, such as Europe/Amsterdam' : `did you mean "${near}"?`;
    refuse('/gateway/timezone', 'LS-CONFIG-002', `is "${zone}", which is not a time zone; ${hint}`);
  }
}

/** Devices whose power has one direction. */
const DIRECTION: Partial<Record<DeviceConfig['type'], { readonly sign: 1 | -1; readonly does: string }>> = {
  'pv-inverter': { sign: -1, does: 'feeds in' },
  'ev-site': { sign: 1, does: 'consumes' },
  'flexible-load': { sign: 1, does: 'consumes' },
};

/** A device can only fall back to a setpoint within its ratings. */
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
    const direction = DIRECTION[type];
    if (direction !== undefined && activePowerKw * direction.sign < 0) {
      const why = `but a ${type} only ${direction.does}, and positive power is consumption`;
      refuse(`${path}/activePowerKw`, 'LS-CONFIG-002', `is ${activePowerKw}, ${why}; give ${-activePowerKw}`);
    }
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
  refuse(path, 'LS-CONFIG-002', `is ${value}, above ${what} (${most}); give at most ${most}, or correct ${what}`);
}
