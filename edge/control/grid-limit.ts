import type { PowerRange } from '../../shared/contracts/plan.ts';
import { shareAt, type ShareKw, type ShareSchedule } from '../../shared/contracts/share-schedule.ts';
import type { FailsafeSpec } from './model.ts';
import type { ControlState } from './state.ts';

/** A schedule is sent when it begins, so a clock that is further before its start has been lost. */
const EARLY_MS = 86_400_000;

/**
 * The limit that only the cloud knows. With a schedule, the share of the current step applies whether or not the cloud is heard;
 * after the last step, the static share. Without a heartbeat the gateway's own fail-safe value narrows it, and never widens it.
 * Null: there is no limit.
 */
export function gridRange(
  fallback: FailsafeSpec | null,
  { failsafe, gridLimit }: Pick<ControlState, 'failsafe' | 'gridLimit'>,
  time: number,
): PowerRange | null {
  const range = gridLimit === null ? null : inForce(gridLimit, time);
  if (!failsafe.active || fallback === null) return range;
  if (range === null) return fallback.range;
  return {
    minKw: Math.max(range.minKw, fallback.range.minKw),
    maxKw: Math.min(range.maxKw, fallback.range.maxKw),
  };
}

function inForce({ range, schedule }: NonNullable<ControlState['gridLimit']>, time: number): PowerRange {
  if (schedule === undefined) return range;
  const isLost = time < schedule.start - EARLY_MS;
  const { importKw, exportKw } = isLost ? leastShare(schedule) : shareAt(schedule, time);
  return { minKw: exportKw === 0 ? 0 : -exportKw, maxKw: importKw };
}

/** Without a clock the step is unknown. The other gateways keep to theirs, so only the smallest share of all steps is safe. */
function leastShare({ importKw, exportKw, after }: ShareSchedule): ShareKw {
  return {
    importKw: Math.min(after.importKw, ...importKw),
    exportKw: Math.min(after.exportKw, ...exportKw),
  };
}
