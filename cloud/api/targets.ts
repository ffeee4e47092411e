import { hasRest, type Region } from '../../shared/contracts/region.ts';
import { nearest } from '../../shared/config/nearest.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { isWithin } from '../planner/scenario/scenario-job.ts';
import { membersOf, MOST_MEMBERS, sumTarget, type TargetOrSum } from '../planner/inputs/sum-target.ts';
import { type Caller, mayAct, mayRead } from '../access/caller.ts';

const substationTargets = (region: Region): string[] => region.substations.map(({ id }) => `substation:${id}`);
const feederTargets = (region: Region): string[] =>
  region.substations.flatMap(({ network }) => network.feeders.map(({ id }) => `feeder:${id}`));
const restTargets = (region: Region): string[] => region.substations.filter(hasRest).map(({ id }) => `rest:${id}`);
const deviceTargets = (region: Region): string[] =>
  region.substations.flatMap(({ gateway, devices }) => devices.map(({ id }) => `device:${gateway}/${id}`));

const known = new WeakMap<Region, ReadonlySet<string>>();

/** Every target of the region's model. */
export function regionTargets(region: Region): ReadonlySet<string> {
  let targets = known.get(region);
  if (targets === undefined) {
    const parts = [
      ...substationTargets(region),
      ...feederTargets(region),
      ...restTargets(region),
      ...deviceTargets(region),
    ];
    known.set(region, (targets = new Set([`region:${region.id}`, ...parts])));
  }
  return targets;
}

/**
 * Throws 404 for an unknown target and 403 for one that the caller may not read. A caller that may read only a part of the region gets the
 * same 403 for unknown targets, which reveals nothing about the rest.
 */
export function assertReadable(region: Region, caller: Caller, target: string, pointer: string): void {
  if (caller.targets === '*' && !regionTargets(region).has(target)) {
    const all = [...regionTargets(region)];
    const meant = all.find((each) => each.endsWith(`:${target}`)) ?? nearest(target.slice(0, 80), all);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    throw new LoadstoneError('LS-API-004', `there is no target "${target.slice(0, 80)}"${hint}`, pointer);
  }
  if (!regionTargets(region).has(target) || !mayRead(region, caller, target))
    throw new LoadstoneError('LS-API-003', `${caller.name} may not read ${target.slice(0, 80)}`, pointer);
}

/**
 * Like `assertReadable`, and 403 for a target outside the caller's areas: callers may feed the system's learning only for their own areas.
 */
export function assertWritable(region: Region, caller: Caller, target: string, pointer: string): void {
  assertReadable(region, caller, target, pointer);
  if (!mayAct(region, caller, target, 'planner:write'))
    throw new LoadstoneError('LS-API-003', `${target} is not in the areas where ${caller.name} may act`, pointer);
}

/** Returns the targets of a comma-separated list; `substation:*` and the like stand for all that the caller may read. */
export function expandTargets(text: string, { region, caller, pointer }: Within): string[] {
  const all: Readonly<Record<string, () => string[]>> = {
    'substation:*': () => substationTargets(region),
    'feeder:*': () => feederTargets(region),
    'rest:*': () => restTargets(region),
    'region:*': () => [`region:${region.id}`],
  };
  const targets = text.split(',').flatMap((target) => {
    const wild = Object.hasOwn(all, target) ? all[target] : undefined;
    if (wild !== undefined) return wild().filter((each) => mayRead(region, caller, each));
    assertReadable(region, caller, target, pointer);
    return [target];
  });
  return [...new Set(targets)];
}

interface Within {
  readonly region: Region;
  readonly caller: Caller;
  readonly pointer: string;
}

/** Returns the name of the target or sum in a body; the caller must be allowed to read every member. */
export function targetOrSum(target: TargetOrSum, { region, caller, pointer }: Within): string {
  if (typeof target === 'string') {
    assertReadable(region, caller, target, pointer);
    return target;
  }
  const at = (index: number): string => `${pointer}/sumOf/${index}`;
  for (const [index, member] of target.sumOf.entries()) assertReadable(region, caller, member, at(index));
  assertNothingTwice(region, target.sumOf, at);
  return sumTarget(target.sumOf);
}

/**
 * Like `expandTargets`, but also accepts sums as tables name them: `sum:feeder:whf-1+substation:owd`. In a URL a plus that is not written
 * %2B arrives as a space; both are accepted.
 */
export function expandSeries(text: string, within: Within): string[] {
  const { region, caller, pointer } = within;
  const targets = text.split(',').flatMap((target) => {
    const members = membersOf(target.replaceAll(' ', '+'));
    if (members === undefined) return expandTargets(target, within);
    if (members.length > MOST_MEMBERS)
      throw new LoadstoneError('LS-API-006', `a sum has at most ${MOST_MEMBERS} members`, pointer);
    for (const member of members) assertReadable(region, caller, member, pointer);
    assertNothingTwice(region, members, () => pointer);
    return [sumTarget(members)];
  });
  return [...new Set(targets)];
}

/** True if the caller may read a target, or every member of a sum. */
export const mayReadSeries = (region: Region, caller: Caller, target: string): boolean =>
  (membersOf(target) ?? [target]).every((member) => mayRead(region, caller, member));

/** Throws LS-API-007 if a member counts twice: named again, or part of another member. */
function assertNothingTwice(region: Region, members: readonly string[], at: (index: number) => string): void {
  for (const [index, member] of members.entries()) {
    const pointer = at(index);
    if (members.indexOf(member) !== index) throw new LoadstoneError('LS-API-007', `${member} is named twice`, pointer);
    const whole = members.find((other) => other !== member && isWithin(region, member, other));
    if (whole !== undefined)
      throw new LoadstoneError('LS-API-007', `${member} is a part of ${whole} and would count twice`, pointer);
  }
}
