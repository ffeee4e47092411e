import type { DeviceSpec } from '../control/model.ts';
import type { RunState } from '../control/safety-memory.ts';
import type { Layer } from './limits.ts';

export interface RunInput {
  /** The last cycle's setpoint, signed kW of its lever. Null: none, or the device is in monitor. */
  readonly commandedKw: number | null;
  /** Measured, kW, load convention; null if silent or unknown. */
  readonly seenKw: number | null;
  readonly stepS: number;
}

const LONG_S = 1e9;

/**
 * Updates the run state of a device. A power setpoint switches it. Below a limit it switches itself, so its measurement decides;
 * but a limit of zero has stopped it, whatever a late meter shows. Undefined: unknown. A device seen for the first time counts as
 * just switched.
 */
export function runOf(
  before: RunState | undefined,
  { lever, run }: Pick<DeviceSpec, 'lever' | 'run'>,
  { commandedKw, seenKw, stepS }: RunInput,
): RunState | undefined {
  if (run === null) return undefined;
  const runs = (kw: number): boolean => kw >= run.leastKw - SLACK_KW;
  const commandedOn = commandedKw === null ? null : runs(commandedKw);
  const seen = seenKw === null ? null : runs(seenKw);
  const on = commandedOn === false ? false : lever === 'power' ? (commandedOn ?? seen) : seen;
  if (on === null) return before === undefined ? undefined : longer(before, stepS);
  return on === before?.on ? longer(before, stepS) : { on, forS: 0 };
}

const SLACK_KW = 1e-6;

const longer = ({ on, forS }: RunState, stepS: number): RunState => ({ on, forS: Math.min(LONG_S, forS + stepS) });

/**
 * The range that minimum times leave; null: no restriction. A device that has run too briefly stays at least at its minimum power;
 * one that was off too briefly stays off. A device that stopped by itself below an open limit is left to its own controller.
 */
export function runLayer(
  { lever, run }: Pick<DeviceSpec, 'lever' | 'run'>,
  state: RunState | undefined,
  commandedKw: number | null,
): Layer | null {
  if (run === null || state === undefined) return null;
  const left = (state.on ? run.minOnS : run.minOffS) - state.forS;
  if (left <= 0) return null;
  const reason = `minimum ${state.on ? 'on' : 'off'} time: ${Math.ceil(left)} s left`;
  if (state.on) return { name: 'run-time', range: { minKw: run.leastKw, maxKw: Infinity }, reason };
  const itself = lever !== 'power' && commandedKw !== null && commandedKw >= run.leastKw - SLACK_KW;
  return itself ? null : { name: 'run-time', range: { minKw: -Infinity, maxKw: 0 }, reason };
}
