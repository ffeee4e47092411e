import { writesOf } from '../config/reads.ts';
import type { DeviceConfig } from '../config/device.ts';
import { TRANSFORMER } from '../control/model.ts';
import type { Setpoint } from '../control/setpoint.ts';
import type { GatewayStatus, LocalAnswer, LocalRequest } from '../local/protocol.ts';
import { judgeStep, type StepSample, type StepVerdict } from './step-verdict.ts';

export interface StepPorts {
  readonly ask: (request: LocalRequest) => Promise<LocalAnswer>;
  readonly wait: (ms: number) => Promise<void>;
}

export interface Step {
  readonly device: DeviceConfig;
  readonly setpoint: Setpoint;
  readonly forS: number;
}

const LOOK_MS = 1000;
const STEP_SHARE = 0.2;
const LEAST_STEP_KW = 2;

/** Gives a device a setpoint, watches it and its meter, and takes the setpoint back; the gateway drops it by itself if this ends. */
export async function runStep({ ask, wait }: StepPorts, { device, setpoint, forS }: Step): Promise<StepVerdict> {
  const before = await look(ask, device, 0);
  if ('proven' in before) return before;
  const targetKw = signedTarget(device, setpoint);
  if (targetKw === undefined) return no('give --set activePowerKw=... or activePowerLimitKw=...');
  const reply = await ask({
    op: 'manual',
    on: true,
    device: device.id,
    setpoint,
    forS,
    reason: 'test of sign and scale',
  });
  if (!reply.ok) return no(`${reply.code}: ${reply.text}`);
  const samples: StepSample[] = [];
  const limit = setpoint.activePowerLimitKw !== undefined;
  let verdict = no('it was not looked at');
  try {
    for (let second = 1; second <= forS && !verdict.proven; second++) {
      await wait(LOOK_MS);
      const sample = await look(ask, device, second);
      if ('proven' in sample) return sample;
      samples.push(sample);
      verdict = judgeStep({ targetKw, limit, before, samples });
    }
  } finally {
    await ask({ op: 'manual', on: false, device: device.id, forS: 1, reason: 'the test is over' });
  }
  return verdict;
}

/** A small step from the device's present power, or why there is none. */
export function smallStep(device: DeviceConfig, status: GatewayStatus): Setpoint | string {
  const power = status.devices.find((each) => each.device === device.id)?.activePowerKw;
  if (power === undefined || power === null) return 'it is not heard';
  const write = writesOf(device);
  if (write?.activePowerLimitKw !== undefined) {
    const step = Math.max(LEAST_STEP_KW, STEP_SHARE * Math.abs(power));
    const least = device.connectionPoint?.floorKw ?? 0;
    if (Math.abs(power) - step < least) return 'it moves too little power now to be limited; try again when it runs';
    return { activePowerLimitKw: Math.abs(power) - step };
  }
  if (write?.activePowerKw === undefined) return 'it takes no active power';
  const most = Math.max(device.ratings.chargeKw ?? 0, device.ratings.activePowerKw ?? 0);
  const step = Math.max(LEAST_STEP_KW, (STEP_SHARE / 2) * most);
  return { activePowerKw: power + step <= most ? power + step : power - step };
}

const no = (text: string): StepVerdict => ({ proven: false, text });

async function look(ask: StepPorts['ask'], device: DeviceConfig, atS: number): Promise<StepSample | StepVerdict> {
  const answer = await ask({ op: 'status' });
  if (!answer.ok) return no(`${answer.code}: ${answer.text}`);
  if (!('status' in answer)) return no('the gateway gave no status');
  const { devices, elements, mode } = answer.status;
  if (mode === 'monitor') return no('the gateway only watches: "edge mode manual" lets it command');
  const meter = elements.find((each) => each.device === (device.feeder ?? TRANSFORMER));
  const own = devices.find((each) => each.device === device.id);
  return { atS, deviceKw: own?.activePowerKw ?? null, meterKw: meter?.activePowerKw ?? null };
}

/** What the device is to show, signed: a limit counts in the direction of its kind. */
function signedTarget({ type }: DeviceConfig, { activePowerKw, activePowerLimitKw }: Setpoint): number | undefined {
  if (activePowerLimitKw === undefined) return activePowerKw;
  return type === 'pv-inverter' ? -activePowerLimitKw : activePowerLimitKw;
}
