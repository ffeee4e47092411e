import { assertHolds, type Callers, type StillMay, type Warrant } from '../access/warrant.ts';
import type { Remote } from '../compute/thread-calls.ts';
import type { Owner } from './owner.ts';
import { surfaceOf } from './owner-surface.ts';

/** Acts that the owner performs for a caller; each call starts with a warrant. Operators' acts are checked against their own target. */
const ACTS = {
  areas: ['take', 'handOver', 'decline', 'release', 'free', 'seen'],
  shift: ['note', 'signOff', 'takeOver'],
  notify: ['test', 'testWebhook'],
  people: ['putUser', 'resetPassword', 'removeUser', 'makeToken', 'removeToken', 'removeTokens'],
  userRequests: ['drop'],
  jobs: ['submit', 'cancel'],
  givenUp: ['retry', 'discard'],
  scenarios: ['add', 'remove'],
  webhooks: ['add', 'remove'],
  annotations: ['add', 'withdraw'],
  uploads: ['add', 'forget'],
  weather: ['put'],
  forecasts: ['put'],
  models: ['request', 'take'],
  federated: ['begin'],
  simulation: ['inject'],
} as const satisfies { readonly [Group in keyof Owner]?: readonly (keyof Owner[Group])[] };

type ActsOf<Group> = Group extends keyof typeof ACTS ? (typeof ACTS)[Group][number] : never;

/** An act as the API calls it, with a warrant before its arguments. */
type Act<Function> = Function extends (...args: infer Args) => infer Answer
  ? (by: Warrant, ...args: Args) => Answer
  : never;

/** The owner as the API calls it. */
export type GuardedOwner = {
  readonly [Group in keyof Owner]: {
    readonly [Name in keyof Owner[Group]]: Name extends ActsOf<Group> ? Act<Owner[Group][Name]> : Owner[Group][Name];
  };
};

export type OwnerCalls = Remote<GuardedOwner>;

/**
 * The API checks a caller's rights, and the owner acts a moment later. So the owner checks again in the same turn in which the act begins:
 * a right removed in between makes the call fail. An act gets the check as its last argument, in case it waits before it writes. Only
 * functions of the interface are exposed.
 */
export function guarded(owner: Owner, callers: Callers): GuardedOwner {
  const groups = Object.keys(owner).map((key) => {
    const name = key as keyof Owner;
    const acts: readonly string[] = Object.hasOwn(ACTS, name) ? ACTS[name as keyof typeof ACTS] : [];
    return [name, guardedGroup(surfaceOf(name, owner[name]), acts, callers)];
  });
  return Object.fromEntries(groups) as GuardedOwner;
}

/** Adds the check to the acts of a group. */
function guardedGroup(group: object, acts: readonly string[], callers: Callers): object {
  for (const [name, act] of Object.entries(group)) {
    if (!acts.includes(name)) continue;
    const guardedAct = (by: Warrant, ...args: readonly unknown[]): unknown => {
      const stillMay: StillMay = () => assertHolds(by, callers);
      stillMay();
      return (act as (...args: readonly unknown[]) => unknown)(...args, stillMay);
    };
    Object.assign(group, { [name]: guardedAct });
  }
  return group;
}
