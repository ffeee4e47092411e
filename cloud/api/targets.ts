import type { Region } from '../../shared/contracts/region.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { type Caller, mayAct, mayRead } from './callers/caller.ts';

const substationTargets = (region: Region): string[] => region.substations.map(({ id }) => `substation:${id}`);
const feederTargets = (region: Region): string[] =>
  region.substations.flatMap(({ network }) => network.feeders.map(({ id }) => `feeder:${id}`));
const deviceTargets = (region: Region): string[] =>
  region.substations.flatMap(({ gateway, devices }) => devices.map(({ id }) => `device:${gateway}/${id}`));

const known = new WeakMap<Region, ReadonlySet<string>>();

/** Every target that the region's model names. */
export function regionTargets(region: Region): ReadonlySet<string> {
  let targets = known.get(region);
  if (targets === undefined) {
    const parts = [...substationTargets(region), ...feederTargets(region), ...deviceTargets(region)];
    known.set(region, (targets = new Set([`region:${region.id}`, ...parts])));
  }
  return targets;
}

/**
 * Throws 404 for a target that is not there and 403 for one that the caller may not read. Who reads a part of the region gets the
 * same 403 for what is not there: nothing tells what else there is.
 */
export function assertReadable(region: Region, caller: Caller, target: string, pointer: string): void {
  if (caller.targets === '*' && !regionTargets(region).has(target)) {
    throw new LoadstoneError('LS-API-004', `there is no target "${target.slice(0, 80)}"`, pointer);
  }
  if (!regionTargets(region).has(target) || !mayRead(region, caller, target))
    throw new LoadstoneError(
      'LS-API-003',
      `the token of ${caller.name} holds no read right on ${target.slice(0, 80)}`,
      pointer,
    );
}

/**
 * As `assertReadable`, and 403 for a target on which the caller may not act: who feeds what the system learns from does so in their
 * own areas.
 */
export function assertWritable(region: Region, caller: Caller, target: string, pointer: string): void {
  assertReadable(region, caller, target, pointer);
  if (!mayAct(region, caller, target, 'planner:write'))
    throw new LoadstoneError('LS-API-003', `${target} is not in the areas where ${caller.name} may act`, pointer);
}

/** The targets of a comma-separated list; `substation:*` and `feeder:*` are all that the caller may read. */
export function expandTargets(
  text: string,
  within: { readonly region: Region; readonly caller: Caller; readonly pointer: string },
): string[] {
  const { region, caller, pointer } = within;
  const all: Readonly<Record<string, () => string[]>> = {
    'substation:*': () => substationTargets(region),
    'feeder:*': () => feederTargets(region),
  };
  const targets = text.split(',').flatMap((target) => {
    const wild = Object.hasOwn(all, target) ? all[target] : undefined;
    if (wild !== undefined) return wild().filter((each) => mayRead(region, caller, each));
    assertReadable(region, caller, target, pointer);
    return [target];
  });
  return [...new Set(targets)];
}
