import type { DeviceHealth } from '../../shared/contracts/report.ts';
import { finite } from '../control/image.ts';
import type { DeviceSpec } from '../control/model.ts';
import type { ControlState, LastSet } from '../control/state.ts';
import type { Decision, StepResult } from './step-types.ts';

/** A device's power may differ from its setpoint by losses and meter error: in kW, and as a share. */
const NEAR_KW = 2;
const NEAR = 0.05;

/**
 * Who last set the power of each device, and since when the wish has been the same. Covers power levers only: a limit does not say
 * what a device does.
 */
export function lastSets(
  { lastSet = {}, overrides, manual }: Pick<ControlState, 'lastSet' | 'overrides' | 'manual'>,
  outcomes: readonly { readonly decision: Decision; readonly commandedKw: number | null }[],
  { specs, time }: { readonly specs: readonly DeviceSpec[]; readonly time: number },
): Record<string, LastSet> {
  const sets: Record<string, LastSet> = {};
  for (const { id } of specs.filter(({ lever }) => lever === 'power')) {
    const before = lastSet[id];
    const { decision, commandedKw = null } = outcomes.find((each) => each.decision.device === id) ?? {};
    if (decision === undefined || commandedKw === null) {
      if (before !== undefined) sets[id] = before;
      continue;
    }
    const by =
      decision.source === 'override'
        ? overrides.find((each) => each.id === decision.subject)?.user
        : decision.source === 'local-manual'
          ? (manual.find(({ device }) => device === id) ?? manual.find(({ device }) => device === null))?.user
          : undefined;
    // A device without a source is commanded only because of a limit.
    const source = decision.source === 'none' ? ('guard' as const) : decision.source;
    const isSame = before?.source === source && before.by === by && before.wishedKw === decision.wishedKw;
    sets[id] = {
      source,
      ...(by === undefined ? {} : { by }),
      at: isSame ? before.at : Math.round(time),
      wishedKw: decision.wishedKw,
      kw: commandedKw,
    };
  }
  return sets;
}

/**
 * Who last set a device that is commanded nothing now but still follows its last setpoint. Undefined if it does something else or
 * is commanded.
 */
export function goesOnAs(
  device: string,
  { state, image }: Pick<StepResult, 'state' | 'image'>,
): DeviceHealth['lastSet'] {
  const last = state.lastSet?.[device];
  const seen = image.devices.get(device);
  if (last === undefined || (state.told[device] ?? null) !== null) return undefined;
  if (seen?.fresh !== true || !finite(seen.activePowerKw)) return undefined;
  if (Math.abs(seen.activePowerKw - last.kw) > Math.max(NEAR_KW, NEAR * Math.abs(last.kw))) return undefined;
  const { source, by, at } = last;
  return { source, ...(by === undefined ? {} : { by }), at };
}
