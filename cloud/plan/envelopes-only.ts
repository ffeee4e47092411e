import type { PlanBody, PowerRange } from '../../shared/contracts/plan.ts';
import type { RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';

/** What a device may do on its default envelope, kW of consumption: what it falls back to by itself, and no more. */
export function defaultEnvelope(device: RegionDevice): PowerRange {
  const kw = device.safeDefaultKw ?? 0;
  switch (device.type) {
    case 'pv-inverter':
      return { minKw: 0 - kw, maxKw: 0 };
    case 'ev-site':
    case 'flexible-load':
      return { minKw: 0, maxKw: Math.max(kw, device.floorKw ?? 0) };
    case 'battery':
    case 'tap-changer':
    case 'capacitor-bank':
    case 'meter':
      return { minKw: 0, maxKw: 0 };
  }
}

export interface EnvelopesOnly {
  readonly id: string;
  readonly trigger: string;
  readonly start: number;
  readonly stepsS: readonly number[];
  readonly why: string;
}

/** No targets: if the inputs cannot show whether a limit holds, the default envelopes apply. */
export function envelopesOnly(substation: RegionSubstation, options: EnvelopesOnly): PlanBody {
  const planned = substation.devices.filter(
    ({ type, authority }) =>
      type !== 'meter' && type !== 'tap-changer' && (authority === 'direct' || authority === 'limit'),
  );
  return {
    id: options.id,
    substation: substation.id,
    trigger: options.trigger,
    status: 'envelopes-only',
    horizon: { start: options.start, stepsS: [...options.stepsS] },
    devices: planned.map((device) => ({
      device: device.id,
      envelope: options.stepsS.map(() => defaultEnvelope(device)),
      reasons: [],
    })),
    expected: [],
    watched: [],
    assumptions: {
      topologyVersion: substation.network.topologyVersion,
      devices: [],
      heads: [],
      substitutions: [options.why.slice(0, 200)],
    },
    binding: [],
    cost: { totalEur: 0, doNothingEur: 0, lossesEur: 0, interventionEur: 0, violationEur: 0 },
    verified: { maxVoltageViolationPu: 0, maxLoadingPct: 0, worstElement: '' },
    solveMs: 0,
  };
}
