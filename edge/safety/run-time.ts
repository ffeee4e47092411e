import type { DeviceSpec } from '../control/model.ts';
import type { RunState } from '../control/safety-memory.ts';
import type { Layer } from './limits.ts';

export interface RunInput {
  /** What the device was told in the last cycle, signed kW of its lever; null: nothing, or it is only watched. */
  readonly toldKw: number | null;
  /** Measured, kW, load convention; null: silent or not known. */
  readonly seenKw: number | null;
  readonly stepS: number;
}

const LONG_S = 1e9;

/**
 * Goes on with what is known of a device. A power that is told switches it. Below a limit it switches itself, so there its
 * measurement says whether it runs; a limit that leaves it nothing has stopped it, whatever a late meter shows. Undefined: nothing is
 * known. A device that is first seen counts as just switched.
 */
export function runOf(
  before: RunState | undefined,
  { lever, run }: Pick<DeviceSpec, 'lever' | 'run'>,
  { toldKw, seenKw, stepS }: RunInput,
): RunState | undefined {
  if (run === null) return undefined;
  const runs = (kw: number): boolean => kw >= run.leastKw - SLACK_KW;
  const told = toldKw === null ? null : runs(toldKw);
  const seen = seenKw === null ? null : runs(seenKw);
  const on = told === false ? false : lever === 'power' ? (told ?? seen) : seen;
  if (on === null) return before === undefined ? undefined : longer(before, stepS);
  return on === before?.on ? longer(before, stepS) : { on, forS: 0 };
}

const SLACK_KW = 1e-6;

const longer = ({ on, forS }: RunState, stepS: number): RunState => ({ on, forS: Math.min(LONG_S, forS + stepS) });

/**
 * What the minimum times leave: a device that runs too briefly goes on at its least power at least, one that rests too briefly stays
 * off. Null: they ask for nothing. A device that has stopped by itself below an open limit is left to its own controller.
 */
export function runLayer(
  { lever, run }: Pick<DeviceSpec, 'lever' | 'run'>,
  state: RunState | undefined,
  toldKw: number | null,
): Layer | null {
  if (run === null || state === undefined) return null;
  const left = (state.on ? run.minOnS : run.minOffS) - state.forS;
  if (left <= 0) return null;
  const reason = `minimum ${state.on ? 'on' : 'off'} time: ${Math.ceil(left)} s left`;
  if (state.on) return { name: 'run-time', range: { minKw: run.leastKw, maxKw: Infinity }, reason };
  const itself = lever !== 'power' && toldKw !== null && toldKw >= run.leastKw - SLACK_KW;
  return itself ? null : { name: 'run-time', range: { minKw: -Infinity, maxKw: 0 }, reason };
}
