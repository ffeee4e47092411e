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

/** The caller: what the token allows, what they may read, and how fast. */
export interface Caller {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Targets whose series they may read, their parts included; `*`: all. */
  readonly targets: '*' | readonly string[];
  /** Targets on which they may act, with their parts. They may read the same ones, unless stated otherwise. */
  readonly acts?: '*' | readonly string[];
  readonly requestsPerSecond: number;
  /** Whoever has signed in was not there for a while, or has locked the desk: it shows, and acts for nobody but to stop and release. */
  readonly isLocked?: boolean;
}

/** Whether a caller holds read rights on a target: by name, by what it is a part of, or, for a sum, on each part. */
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

/** Whether a caller may act on a target: an operator of one area does not move what is in another's. */
export const mayAct = (region: Region, caller: Caller, target: string, scope: Scope = 'operate'): boolean =>
  caller.scopes.includes(scope) && mayRead(region, { ...caller, targets: caller.acts ?? caller.targets }, target);

function split(target: string): [string, string?] {
  const at = target.indexOf(':');
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)];
}
