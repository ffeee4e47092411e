import type { Owner } from './owner.ts';

type Names = { readonly [Group in keyof Owner]: readonly (keyof Owner[Group])[] };

/**
 * Everything that an api role may call, by group. The role may run on another machine, which must not reach anything else of these objects.
 */
const SURFACE = {
  operators: [
    'select',
    'operate',
    'cancel',
    'release',
    'ask',
    'decide',
    'acknowledge',
    'shelve',
    'unshelve',
    'takeOut',
    'bringBack',
  ],
  desk: ['command', 'commands', 'effect', 'overrides', 'view', 'approval', 'approvals'],
  areas: ['all', 'take', 'handOver', 'decline', 'release', 'free', 'seen'],
  alarms: ['list', 'get', 'figures'],
  shift: ['view', 'note', 'signOff', 'takeOver'],
  notify: ['view', 'test', 'testWebhook'],
  people: [
    'signIn',
    'present',
    'signOut',
    'sessionData',
    'changePassword',
    'putUser',
    'resetPassword',
    'removeUser',
    'makeToken',
    'removeToken',
    'removeTokens',
    'noteUse',
  ],
  passkeys: ['registration', 'register', 'list', 'rename', 'remove', 'challenge', 'ask', 'confirm'],
  userRequests: ['requests', 'drop'],
  oidc: ['begin', 'finish', 'endSession'],
  audit: ['append', 'appendStop', 'list', 'verify'],
  attempts: ['note', 'settle'],
  idempotency: ['take', 'keep', 'release'],
  jobs: ['submit', 'get', 'cancel', 'finished'],
  givenUp: ['retry', 'discard'],
  scenarios: ['add', 'remove'],
  webhooks: ['add', 'remove'],
  annotations: ['add', 'withdraw'],
  exports: ['part'],
  uploads: ['add', 'forget'],
  weather: ['put'],
  forecasts: ['put', 'explain'],
  models: ['request', 'duel', 'waiting', 'drift', 'take'],
  federated: ['campaign', 'begin'],
  measured: ['intervals', 'metered', 'receipts', 'span', 'uncontrolled'],
  grid: ['voltageQuality', 'trend', 'past', 'completeness', 'quarantine', 'journals', 'metrics', 'health', 'system'],
  simulation: ['inject'],
} as const satisfies Names;

/** Functions of the objects nested in a group. */
const WITHIN = ['intervals'] as const satisfies readonly (keyof Owner['measured']['uncontrolled'])[];

/** Functions of the interface that are missing above; a single one breaks the build. */
type MissingIn<Group extends keyof Owner> = Exclude<keyof Owner[Group], (typeof SURFACE)[Group][number]>;
type Complete = {
  readonly [Group in keyof Owner]: [MissingIn<Group>] extends [never] ? readonly PropertyKey[] : never;
};
const COMPLETE: Complete = SURFACE;

/** Returns the callable functions of a group and nothing else: no prototype, no field. */
export function surfaceOf<Group extends keyof Owner>(name: Group, group: Owner[Group]): Owner[Group] {
  return only(group, COMPLETE[name]) as Owner[Group];
}

function only(object: object, names: readonly PropertyKey[]): object {
  const picked: Record<PropertyKey, unknown> = Object.create(null) as Record<PropertyKey, unknown>;
  for (const name of names) {
    const found: unknown = Reflect.get(object, name);
    if (typeof found === 'function') picked[name] = found.bind(object);
    else if (typeof found === 'object' && found !== null) picked[name] = only(found, WITHIN);
  }
  return picked;
}
