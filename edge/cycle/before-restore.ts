import type { Image } from '../control/image.ts';
import { finite } from '../control/image.ts';
import type { DeviceSpec } from '../control/model.ts';
import type { GuardState } from '../control/safety-memory.ts';
import type { ControlState } from '../control/state.ts';
import { deviceFlows } from './flows.ts';
import type { Site } from './step-types.ts';

/**
 * The site while the state from before the start is not known. Any device may be tagged, and a person may work on it, so a device at
 * rest gets no command. One that carries power is commanded by the guard, the grid limit or a local stop only, and only nearer to rest:
 * its rating ends at the power that it carries, or at its last setpoint.
 */
export const towardsRest = (site: Site, now: { readonly state: ControlState; readonly image: Image }): Site => ({
  ...site,
  specs: site.specs.map((spec) => bounded(spec, carried(spec, now))),
});

function bounded(spec: DeviceSpec, kw: number | null): DeviceSpec {
  const rest = { ...spec, maxReactiveKvar: 0, takesVoltageTarget: false, capacitorSteps: 0 };
  return kw === null
    ? { ...rest, authority: 'none' }
    : { ...rest, rating: { minKw: Math.min(0, kw), maxKw: Math.max(0, kw) }, wholeRating: spec.rating };
}

/** Power that a device may be commanded to at most, kW. Null: it is at rest or not heard. */
function carried({ id, rating }: DeviceSpec, { state, image }: Parameters<typeof towardsRest>[1]): number | null {
  const commanded = state.told[id] ?? null;
  if (commanded !== null) return commanded;
  const device = image.devices.get(id);
  if (device?.fresh !== true || !finite(device.activePowerKw)) return null;
  return deviceFlows({ activePowerKw: device.activePowerKw }, rating) ? device.activePowerKw : null;
}

/** A state that was handed over after the first cycle, with what the guard has commanded by then. */
export const withRelief = (
  before: ControlState,
  { told, toldKvar, beforeReliefKw, guard, grid }: ControlState,
): ControlState => ({
  ...before,
  told,
  toldKvar,
  beforeReliefKw: { ...beforeReliefKw, ...before.beforeReliefKw },
  guard: withFindings(guard, before.guard),
  grid: withFindings(grid, before.grid),
});

/** Levers that were found to move the wrong way stay frozen. */
const withFindings = (guard: GuardState, { findings }: GuardState): GuardState =>
  findings === undefined ? guard : { ...guard, findings };
