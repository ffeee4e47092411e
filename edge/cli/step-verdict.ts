/** What the running gateway showed at one moment, kW. */
export interface StepSample {
  /** Since the setpoint was given, s. */
  readonly atS: number;
  readonly deviceKw: number | null;
  readonly meterKw: number | null;
}

export interface StepInput {
  /** The setpoint; signed, consumption positive. */
  readonly targetKw: number;
  /** A limit is kept by anything that does not pass it; a setpoint is met. */
  readonly limit: boolean;
  readonly before: StepSample;
  readonly samples: readonly StepSample[];
}

export interface StepVerdict {
  readonly proven: boolean;
  /** In words: what was seen, or what is wrong and where to look. */
  readonly text: string;
}

/** Tolerances of the step: how far a device may miss its target, and what other loads may change at the meter. */
const NEAR_SHARE = 0.15;
const METER_SHARES = [0.4, 1.6] as const;
const LEAST_STEP_KW = 1;

/** Judges a step: did the device move to where it was told, and does the meter see it in size and direction? */
export function judgeStep({ targetKw, limit, before, samples }: StepInput): StepVerdict {
  const no = (text: string): StepVerdict => ({ proven: false, text });
  const from = before.deviceKw;
  const last = samples.at(-1);
  if (from === null || last === undefined || last.deviceKw === null)
    return no('the device is not heard: nothing can be said');
  const wanted = targetKw - from;
  if (Math.abs(wanted) < LEAST_STEP_KW || (limit && Math.abs(targetKw) >= Math.abs(from)))
    return no(`it stands at ${kw(from)} already: give a value that moves it by more than ${LEAST_STEP_KW} kW`);
  const near = Math.max(NEAR_SHARE * Math.abs(wanted), 0.5);
  const reached = samples.find(({ deviceKw }) => deviceKw !== null && Math.abs(deviceKw - targetKw) <= near);
  if (reached === undefined) {
    const moved = last.deviceKw - from;
    if (Math.abs(moved) < near)
      return no(`it did not move from ${kw(from)}: does it take setpoints, is it in remote control?`);
    if (moved * wanted < 0)
      return no(
        `it moved the wrong way, from ${kw(from)} to ${kw(last.deviceKw)}: turn "sign", or the sign of "scale"`,
      );
    return no(
      `it went from ${kw(from)} to ${kw(last.deviceKw)} instead of ${kw(targetKw)}: check "scale" and the ratings`,
    );
  }
  const said = `it went from ${kw(from)} to ${kw(reached.deviceKw!)} in ${reached.atS.toFixed(0)} s`;
  if (before.meterKw === null || last.meterKw === null) return no(`${said}, but its meter is not heard`);
  const share = (last.meterKw - before.meterKw) / (last.deviceKw - from);
  const meter = `the meter went from ${kw(before.meterKw)} to ${kw(last.meterKw)}`;
  if (share < -METER_SHARES[0])
    return no(`${said}, but ${meter}: one of the two counts the wrong way, turn its "sign"`);
  if (share < METER_SHARES[0] || share > METER_SHARES[1])
    return no(
      `${said}, but ${meter}: check the "scale" of both, and whether the device lies behind that meter; or try again when the other loads are steady`,
    );
  return { proven: true, text: `${said}, and ${meter}: sign and scale are right` };
}

const kw = (value: number): string => `${value.toFixed(1)} kW`;
