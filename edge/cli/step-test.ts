import type { Random } from '../../shared/ports/random.ts';
import { writesOf } from '../config/reads.ts';
import type { DeviceConfig } from '../config/device.ts';
import { TRANSFORMER } from '../control/model.ts';
import type { Setpoint } from '../control/setpoint.ts';
import type { DeviceStatus, GatewayStatus, LocalAnswer, LocalRequest } from '../local/protocol.ts';
import { drawCourse, type Course } from './step-course.ts';
import { deviation, judgeSteps, type StepSample, type StepVerdict } from './step-verdict.ts';

export interface StepPorts {
  readonly ask: (request: LocalRequest) => Promise<LocalAnswer>;
  readonly wait: (ms: number) => Promise<void>;
  readonly random: Random;
}

export interface Step {
  readonly device: DeviceConfig;
  readonly setpoint: Setpoint;
  /** Longest duration of the test, s. */
  readonly forS: number;
}

const LOOK_MS = 1000;
const STEP_SHARE = 0.2;
const LEAST_STEP_KW = 2;
/** Looks, about a second each; less than five minutes in total. */
const QUIET_LOOKS = 30;
const STEP_LOOKS = { clear: 100, noisy: 260 };
/** A step is clear if the noise is at most a tenth of it. */
const CLEAR_SHARE = 0.1;
/** If this process dies, the setpoint ends this long after the longest step, s. */
const GRACE_S = 15;
/** Distinguishes an interrupted earlier test from a person's setpoint. */
const REASON = 'test of sign and scale';

/** A bar is respected, because somebody may be working on the device. */
const BARS: Readonly<Record<NonNullable<DeviceStatus['bar']>, string>> = {
  tagged: 'it is tagged; the person who set the tag must remove it first',
  'no-authority': 'its customer allows no commands (authority)',
  stopped: 'it is stopped; the person who stopped it must lift that first ("edge resume")',
  monitor: 'its feeder is in monitor; set its mode at the desk, or that of all feeders with "edge mode manual"',
};

/**
 * Watches a device and its meter, switches the device on and off at random times, then withdraws the setpoint. The gateway drops
 * the setpoint by itself if this process dies.
 */
export async function runStep(ports: StepPorts, step: Step): Promise<StepVerdict> {
  const { device, setpoint, forS } = step;
  const targetKw = signedTarget(device, setpoint);
  if (targetKw === undefined) return no('give --set activePowerKw=... or activePowerLimitKw=...');
  const samples: StepSample[] = [];
  const watch = async (): Promise<StepVerdict | undefined> => {
    const sample = await look(ports.ask, device, { isFirst: samples.length === 0 });
    if ('proven' in sample) return sample;
    samples.push(sample);
    return undefined;
  };
  const quietLooks = Math.min(QUIET_LOOKS, Math.max(5, Math.floor(forS / 6)));
  for (let at = 0; at < quietLooks; at++) {
    const ended = await watch();
    if (ended !== undefined) return ended;
    await ports.wait(LOOK_MS);
  }
  const before = mean(samples.map(({ deviceKw }) => deviceKw));
  if (Number.isNaN(before)) return no('the device does not report, so nothing can be tested');
  const noise = deviation(samples.map(({ meterKw }) => meterKw));
  const clear = noise <= CLEAR_SHARE * Math.abs(targetKw - before);
  const course = courseOf(device, { quietLooks, forS, wanted: STEP_LOOKS[clear ? 'clear' : 'noisy'] });
  if (typeof course === 'string') return no(course);
  const on = drawCourse(ports.random, course);
  const limit = setpoint.activePowerLimitKw !== undefined;
  const off = offOf(device, before, limit);
  try {
    for (let at = quietLooks; at < on.length; at++) {
      if (on[at] !== on[at - 1]) {
        const refused = await give(ports.ask, { step, wanted: on[at] === 1 ? setpoint : off, course });
        if (refused !== undefined) return refused;
      }
      await ports.wait(LOOK_MS);
      const ended = await watch();
      if (ended !== undefined) return ended;
    }
  } finally {
    await give(ports.ask, { step, wanted: undefined, course });
  }
  return judgeSteps({ targetKw, limit, course, on, samples, random: ports.random });
}

/** The setpoint that restores the device's earlier power. Its meter may read slightly above its rating, which no setpoint may exceed. */
function offOf({ ratings }: DeviceConfig, before: number, limit: boolean): Setpoint {
  const { activePowerKw = Infinity, chargeKw = activePowerKw, dischargeKw = activePowerKw } = ratings;
  if (limit) return { activePowerLimitKw: Math.min(Math.abs(before), activePowerKw) };
  return { activePowerKw: Math.max(-dischargeKw, Math.min(chargeKw, before)) };
}

/** Sends the device a setpoint, or releases it to its targets. */
async function give(
  ask: StepPorts['ask'],
  { step, wanted, course }: { readonly step: Step; readonly wanted: Setpoint | undefined; readonly course: Course },
): Promise<StepVerdict | undefined> {
  const reply = await ask({
    op: 'manual',
    on: wanted !== undefined,
    device: step.device.id,
    ...(wanted === undefined ? {} : { setpoint: wanted }),
    forS: course.dwell[1] + GRACE_S,
    reason: REASON,
  });
  return reply.ok ? undefined : no(`${reply.code}: ${reply.text}`);
}

/**
 * Plans the test: no step is shorter than the device's minimum interval, and there are several steps. A string says why that is
 * impossible.
 */
function courseOf(
  device: DeviceConfig,
  { quietLooks, forS, wanted }: { readonly quietLooks: number; readonly forS: number; readonly wanted: number },
): Course | string {
  const intervals = Object.values(writesOf(device) ?? {}).map((each) => each.minIntervalS);
  const least = Math.max(Math.ceil(Math.max(0, ...intervals)) + 1, Math.min(6, Math.floor(forS / 15)));
  const stepLooks = Math.min(wanted, Math.floor(forS) - quietLooks);
  const needed = 8 * least;
  if (needed > STEP_LOOKS.noisy) return 'its "minIntervalS" allows too few steps in five minutes';
  if (stepLooks < needed) return `too short for several steps; give --for ${needed + quietLooks}s or longer`;
  return { quietLooks, stepLooks, dwell: [least, 4 * least] };
}

/** A small step from the device's present power, or why there is none. */
export function smallStep(device: DeviceConfig, status: GatewayStatus): Setpoint | string {
  const power = status.devices.find((each) => each.device === device.id)?.activePowerKw;
  if (power === undefined || power === null) return 'it does not report';
  const write = writesOf(device);
  if (write?.activePowerLimitKw !== undefined) {
    const step = Math.max(LEAST_STEP_KW, STEP_SHARE * Math.abs(power));
    const least = device.connectionPoint?.floorKw ?? 0;
    if (Math.abs(power) - step < least) return 'its power is too low now to be limited; try again when it runs';
    return { activePowerLimitKw: Math.abs(power) - step };
  }
  if (write?.activePowerKw === undefined) return 'it accepts no setpoint of active power';
  const most = Math.max(device.ratings.chargeKw ?? 0, device.ratings.activePowerKw ?? 0);
  const step = Math.max(LEAST_STEP_KW, (STEP_SHARE / 2) * most);
  return { activePowerKw: power + step <= most ? power + step : power - step };
}

const no = (text: string): StepVerdict => ({ proven: false, text });

const mean = (values: readonly number[]): number => {
  const heard = values.filter((value) => !Number.isNaN(value));
  return heard.reduce((sum, value) => sum + value, 0) / heard.length;
};

async function look(
  ask: StepPorts['ask'],
  device: DeviceConfig,
  { isFirst }: { readonly isFirst: boolean },
): Promise<StepSample | StepVerdict> {
  const answer = await ask({ op: 'status' });
  if (!answer.ok) return no(`${answer.code}: ${answer.text}`);
  if (!('status' in answer)) return no('the gateway returned no status');
  const { devices, elements } = answer.status;
  const own = devices.find((each) => each.device === device.id);
  if (own?.bar !== undefined) return no(BARS[own.bar]);
  // After the first look the test itself holds the device.
  if (isFirst && own !== undefined && isByHand(own))
    return no(`a person holds it (${own.reason}); that must end first`);
  const meter = elements.find((each) => each.device === (device.feeder ?? TRANSFORMER));
  // The running gateway already corrects the meter, so its values prove nothing about the configuration.
  if (meter?.finding !== undefined)
    return no(
      meter.finding === 'reversed'
        ? `its meter (${meter.device}) was found to count the wrong way, and the gateway inverts it; correct its "sign" first`
        : `its meter (${meter.device}) was found to read zero while load flows, so it can prove nothing`,
    );
  return { deviceKw: own?.activePowerKw ?? Number.NaN, meterKw: meter?.activePowerKw ?? Number.NaN };
}

const isByHand = ({ source, reason }: DeviceStatus): boolean =>
  source === 'override' || (source === 'local-manual' && !reason.includes(REASON));

/** The value that the device should reach, signed: a limit counts in the direction of its type. */
function signedTarget({ type }: DeviceConfig, { activePowerKw, activePowerLimitKw }: Setpoint): number | undefined {
  if (activePowerLimitKw === undefined) return activePowerKw;
  return type === 'pv-inverter' ? -activePowerLimitKw : activePowerLimitKw;
}
