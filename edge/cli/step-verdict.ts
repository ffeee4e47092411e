import type { Random } from '../../shared/ports/random.ts';
import { drawCourse, type Course } from './step-course.ts';
import {
  fitChange,
  fitResponse,
  followed,
  memoryOf,
  strength,
  whitened,
  type Response,
  type Whitened,
} from './step-fit.ts';

/** Values of the running gateway at one look, kW; NaN if not heard. */
export interface StepSample {
  readonly deviceKw: number;
  readonly meterKw: number;
}

export interface StepInput {
  /** Value that the device should reach when on; signed, consumption positive. */
  readonly targetKw: number;
  /** A limit is kept by any value within it; a setpoint must be met. */
  readonly limit: boolean;
  /** How the times of the steps were drawn. */
  readonly course: Course;
  /** When the device was on, one entry a look. */
  readonly on: Uint8Array;
  readonly samples: readonly StepSample[];
  /** Draws the alternative courses that the actual one is compared with. */
  readonly random: Random;
}

export interface StepVerdict {
  readonly proven: boolean;
  /** What was seen, or what is wrong and where to look. */
  readonly text: string;
  /** The meter's change relative to the device's, with its standard error; absent if unknown. */
  readonly scale?: number;
  readonly scaleError?: number;
  /** From a setpoint to its effect at the meter, s. */
  readonly delayS?: number;
}

/** How far a device may miss its target, and its meter certainly miss the device's step: losses and other loads answer to its voltage. */
const NEAR_SHARE = 0.15;
/** The share of the device's step that a noisy meter may see. */
const METER_SHARES = [0.6, 1.6] as const;
const LEAST_STEP_KW = 1;
const LEAST_ERRORS = 3;
/** Number of alternative courses; at most one of them may fit the meter as well as the actual one. */
const OTHER_COURSES = 399;
const HEARD_SHARE = 0.8;

/**
 * Judges a step test. The device must follow its steps, and the meter must see them. The meter is believed only if the actual steps
 * explain it better than steps at other times that could have been drawn: a signal unrelated to the device cannot match the random
 * times.
 */
export function judgeSteps(input: StepInput): StepVerdict {
  const { samples, on, course } = input;
  const device = samples.map(({ deviceKw }) => deviceKw);
  if (heardShare(device) < HEARD_SHARE) return no('the device does not report, so nothing can be tested');
  const response = fitResponse(on, device);
  if (response === undefined) return no('too few values; give more time with --for');
  const wrong = judgeDevice(input, response);
  if (wrong !== undefined) return no(wrong);
  const answers = response.delay + response.lag;
  const said = `it changes by ${kw(response.gain)} within ${Math.max(1, answers)} s of each step`;
  const meter = samples.map(({ meterKw }) => meterKw);
  if (heardShare(meter) < HEARD_SHARE) return no(`${said}, but its meter does not report`);
  const quiet = meter.slice(0, course.quietLooks);
  const noise = deviation(quiet);
  const white = whitened(meter, memoryOf(meter));
  const seen = fitChange(followed(on, response), white);
  if (seen === undefined) return no(`${said}, but its meter reported too few values`);
  const found = {
    scale: seen.gain / response.gain,
    scaleError: Math.abs(seen.error / response.gain),
    delayS: answers + seen.delay,
  };
  const sees = `its meter sees ${kw(seen.gain)} ± ${kw(seen.error)}, with noise of ${kw(noise)}`;
  const verdict = (proven: boolean, text: string): StepVerdict => ({ proven, text: `${said}, ${text}`, ...found });
  if (strength(seen) < LEAST_ERRORS || chance(input, { response, meter: white, seen: strength(seen) }) > 2)
    return verdict(false, `but ${sees}: no proof. ${remedy(response.gain, noise)}`);
  if (found.scale < 0)
    return verdict(
      false,
      `but ${sees}: one of the two counts the wrong way; change its "sign" or the sign of its "scale"`,
    );
  const off = Math.abs(found.scale - 1) - LEAST_ERRORS * found.scaleError;
  if (found.scale < METER_SHARES[0] || found.scale > METER_SHARES[1] || off > NEAR_SHARE)
    return verdict(false, `but ${sees}: check the "scale" of both, and whether that meter sees all of the device`);
  return verdict(true, `and ${sees}, ${found.delayS} s after the setpoint: sign and scale are right`);
}

/** What is wrong with the device's own response; undefined if nothing is. */
function judgeDevice({ targetKw, limit }: StepInput, { gain, level }: Response): string | undefined {
  const from = level - gain;
  const wanted = targetKw - from;
  if (Math.abs(wanted) < LEAST_STEP_KW || (limit && Math.abs(targetKw) >= Math.abs(from)))
    return `it is already at ${kw(from)}; give a value that moves it by more than ${LEAST_STEP_KW} kW`;
  const near = Math.max(NEAR_SHARE * Math.abs(wanted), 0.5);
  if (Math.abs(gain) < near)
    return `it did not move from ${kw(from)}; does it accept setpoints, is it in remote control?`;
  if (gain * wanted < 0)
    return `it moved the wrong way, from ${kw(from)} to ${kw(level)}: change "sign", or the sign of "scale"`;
  const isWithinLimit = limit && Math.abs(level) <= Math.abs(targetKw);
  if (!isWithinLimit && Math.abs(level - targetKw) > near)
    return `it went from ${kw(from)} to ${kw(level)} instead of ${kw(targetKw)}: check "scale" and the ratings`;
  return undefined;
}

interface Seen {
  readonly response: Response;
  readonly meter: Whitened;
  readonly seen: number;
}

/** Number of courses, including the actual one, that fit the meter as well as the actual one. */
function chance({ course, random }: StepInput, { response, meter, seen }: Seen): number {
  let asGood = 1;
  for (let at = 0; at < OTHER_COURSES && asGood <= 2; at++) {
    const other = fitChange(followed(drawCourse(random, course), response), meter);
    if (other !== undefined && strength(other) >= seen) asGood++;
  }
  return asGood;
}

function remedy(gain: number, noise: number): string {
  if (noise > Math.abs(gain)) return `The noise is larger than the step; give a step of at least ${kw(noise)}`;
  return 'Check whether the device is behind that meter, and whether the meter is read often enough';
}

const no = (text: string): StepVerdict => ({ proven: false, text });
const kw = (value: number): string => `${value.toFixed(1)} kW`;
const heardShare = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.filter((value) => !Number.isNaN(value)).length / values.length;

/** Standard deviation without missing values. */
export function deviation(values: readonly number[]): number {
  const heard = values.filter((value) => !Number.isNaN(value));
  const mean = heard.reduce((sum, value) => sum + value, 0) / heard.length;
  return Math.sqrt(heard.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, heard.length - 1));
}
