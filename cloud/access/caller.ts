import { Type, type Static } from 'typebox';
import type { Region } from '../../shared/contracts/region.ts';

export const Scope = Type.Union([
  Type.Literal('planner:read'),
  Type.Literal('planner:write'),
  Type.Literal('models:write'),
  Type.Literal('quarantine:read'),
  Type.Literal('operate'),
  Type.Literal('access:write'),
  Type.Literal('audit:read'),
]);
export type Scope = Static<typeof Scope>;
export const allScopes: readonly Scope[] = Scope.anyOf.map((each) => each.const);

/** A caller: its scopes, the targets it may read and act on, and its rate limit. */
export interface Caller {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Targets whose series the caller may read, with their parts; `*`: all. */
  readonly targets: '*' | readonly string[];
  /** Targets on which the caller may act, with their parts; absent: the same as `targets`. */
  readonly acts?: '*' | readonly string[];
  readonly requestsPerSecond: number;
  /** The session is locked by hand or after inactivity: it may read, stop and release, but not act otherwise. */
  readonly isLocked?: boolean;
}

/** Whether a caller may read a target: by name, through what it is a part of, or, for a region, through all its substations. */
export function mayRead(region: Region, caller: Caller, target: string): boolean {
  const { targets } = caller;
  if (targets === '*' || targets.includes(target)) return true;
  const [kind, id = ''] = split(target);
  const own = (each: string): boolean => targets.includes(each);
  switch (kind) {
    case 'region':
      return id === region.id && region.substations.every((each) => own(`substation:${each.id}`));
    case 'substation':
      return own(`region:${region.id}`);
    case 'rest':
      return mayRead(region, caller, `substation:${id}`);
    case 'feeder': {
      const substation = region.substations.find(({ network }) => network.feeders.some((feeder) => feeder.id === id));
      return substation !== undefined && mayRead(region, caller, `substation:${substation.id}`);
    }
    case 'device': {
      const [gateway, device] = id.split('/');
      const substation = region.substations.find((each) => each.gateway === gateway);
      if (substation === undefined) return false;
      const feeder = substation.devices.find((each) => each.id === device)?.feeder;
      return mayRead(region, caller, feeder === undefined ? `substation:${substation.id}` : `feeder:${feeder}`);
    }
    default:
      return false;
  }
}

/** Whether a caller may act on a target: an operator may not move devices in another's area. */
export const mayAct = (region: Region, caller: Caller, target: string, scope: Scope = 'operate'): boolean =>
  caller.scopes.includes(scope) && mayRead(region, { ...caller, targets: caller.acts ?? caller.targets }, target);

function split(target: string): [string, string?] {
  const at = target.indexOf(':');
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)];
}

/** The person that a caller is or, as a token, belongs to. */
export const personOf = (name: string): string => name.split('/')[0]!;
