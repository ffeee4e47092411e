import type { Clock } from '../shared/time/clock.ts';
import { existsSync, readFileSync } from 'node:fs';
import type { OidcLogin } from './access/oidc.ts';
import { Passwords } from './access/passwords.ts';
import { People } from './access/people.ts';
import { PeopleStore } from './access/people-store.ts';
import type { Caller } from './access/caller.ts';
import { callersNamed, callersOf } from './api/callers/caller-file.ts';
import type { ApiDeps } from './api/deps.ts';
import type { CloudConfig } from './config.ts';
import { LoadstoneError } from '../shared/outcome/outcome.ts';
import { demoSecret } from './secrets.ts';
import type { Database } from './telemetry/database.ts';

export interface AccessWiring {
  readonly api: CloudConfig['api'];
  readonly data: string;
  readonly state: Database;
  readonly clock: Clock;
  /** Beside a simulated plant: a user who may be shown, and a token that may do all. */
  readonly simulated: boolean;
  /** Content of the callers' file and its name. */
  readonly callers: { readonly text: string | undefined; readonly file: string };
  readonly log: (line: string) => void;
}

export type Access = Pick<ApiDeps, 'people' | 'callerOf' | 'guests' | 'publicOrigin' | 'demoUser' | 'oidc'> & {
  /** Who has a name now, with the rights of now. */
  callerNamed(name: string): Caller | undefined;
  readonly token: string | undefined;
  close(): void;
};

const DEMO_USER = 'demo-operator';
const FIRST_ADMIN = 'admin';

/** Opens the people's store. At the first start there is an admin whose one-time password is told once, or the demo's operator. */
export async function composeAccess(wiring: AccessWiring): Promise<Access> {
  const { api, data, state, clock, simulated, callers, log } = wiring;
  const { requestsPerSecond, guests, publicOrigin } = api;
  const store = new PeopleStore(state);
  store.open();
  const people = new People({ store, passwords: new Passwords(), requestsPerSecond, now: () => clock.machine.now() });
  const token = simulated ? demoSecret(data, 'token') : undefined;
  const demoUser = simulated ? { name: DEMO_USER, password: demoSecret(data, 'demo-password') } : undefined;
  if (demoUser !== undefined)
    await people.ensureUser({ name: DEMO_USER, roles: ['operator'], areas: '*' }, demoUser.password);
  else if (people.user(DEMO_USER) !== undefined) await people.removeUser(DEMO_USER);
  if (!simulated && !people.users().some(({ roles }) => roles.includes('admin'))) {
    const password = await people.putUser({ name: FIRST_ADMIN, roles: ['admin'], areas: '*', disabled: false });
    log(`First sign-in: user ${FIRST_ADMIN}, one-time password ${password}; it is printed this once`);
  }
  const callerOf = callersOf({ ...callers, ownToken: token, requestsPerSecond });
  const inFile = callersNamed({ ...callers, ownToken: token, requestsPerSecond });
  const callerNamed = (name: string): Caller | undefined =>
    name === 'owner' && token !== undefined ? callerOf(token) : (inFile(name) ?? people.callerNamed(name));
  const oidc = await oidcOf(api, people, () => clock.machine.now());
  return { people, oidc, callerOf, callerNamed, guests, publicOrigin, demoUser, token, close: () => store.close() };
}

/** The client of the provider is loaded only where one is configured. */
async function oidcOf({ oidc }: CloudConfig['api'], people: People, now: () => number): Promise<OidcLogin | undefined> {
  if (oidc === undefined) return undefined;
  const { clientSecretFile: file } = oidc;
  if (file !== '' && !existsSync(file))
    throw new LoadstoneError('LS-CONFIG-003', `api.oidc.clientSecretFile: there is no file ${file}`);
  const secret = file === '' ? undefined : readFileSync(file, 'utf8').trim();
  const { OidcLogin: Login } = await import('./access/oidc.ts');
  return new Login({ config: oidc, secret, people, now });
}
