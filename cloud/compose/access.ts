import type { Clock } from '../../shared/time/clock.ts';
import { existsSync, readFileSync } from 'node:fs';
import type { OidcLogin } from '../access/oidc.ts';
import { Passwords } from '../access/passwords.ts';
import { strengthInWorker } from '../access/strength-in-worker.ts';
import { People } from '../access/people.ts';
import { hashed } from '../access/people-reader.ts';
import { clashOf } from '../access/roles.ts';
import { SqlitePeopleStore } from '../access/sqlite-people-store.ts';
import type { Caller } from '../access/caller.ts';
import { callersByHash, callersNamed, type KnownCallers } from '../api/callers/caller-file.ts';
import type { CloudConfig } from '../config.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { demoSecret } from './secrets.ts';
import type { SqlPlace } from '../sql/sql-store.ts';

export interface AccessWiring {
  readonly api: CloudConfig['api'];
  readonly data: string;
  readonly state: SqlPlace;
  readonly clock: Clock;
  /** With a simulated plant: a user who may be shown, and a token with all rights. */
  readonly simulated: boolean;
  /** Content and name of the callers' file. */
  readonly callers: { readonly text: string | undefined; readonly file: string };
  readonly log: (line: string) => void;
}

/** People, tokens and logins that may use the cloud. */
export interface Access {
  readonly people: People;
  /**
   * Creates an admin if there is none, and prints the one-time password, once. Called when all parts have started, because a start that
   * fails afterwards would waste the password.
   */
  ensureAdmin(): Promise<void>;
  /** Sign-in through another provider, if one is configured. */
  readonly oidc: OidcLogin | undefined;
  readonly callers: KnownCallers;
  /** Shown on the login page over loopback; only with a simulated plant. */
  readonly demoUser: { readonly name: string; readonly password: string } | undefined;
  /** A token with all rights; only with a simulated plant. */
  readonly token: string | undefined;
  /** The current holder of a name, with current rights. */
  callerNamed(name: string): Caller | undefined;
  /** The current holder of the token with this hash. */
  callerOfTokenHash(hash: string): Caller | undefined;
  close(): void;
}

const DEMO_USER = 'demo-operator';
const FIRST_ADMIN = 'admin';

/** Opens the people's store, and creates the demo's operator beside a simulated plant. */
export async function composeAccess(wiring: AccessWiring): Promise<Access> {
  const { api, data, state, clock, simulated, callers, log } = wiring;
  const { requestsPerSecond } = api;
  const store = new SqlitePeopleStore(state);
  store.open();
  const people = new People({
    store,
    passwords: new Passwords(),
    weaknessOf: strengthInWorker(),
    takesTwo: !simulated,
    passkeyRoles: api.passkeyRoles,
    lockAfterMs: api.lockAfterMin * 60_000,
    requestsPerSecond,
    now: () => clock.machine.now(),
  });
  const token = simulated ? demoSecret(data, 'token') : undefined;
  const known: KnownCallers = { ...callers, ownToken: token, requestsPerSecond };
  const byHash = callersByHash(known);
  const inFile = callersNamed(known);
  const oidc = await oidcOf(api, people, () => clock.machine.now());
  await people.start();
  const demoUser = simulated ? { name: DEMO_USER, password: demoSecret(data, 'demo-password') } : undefined;
  if (demoUser !== undefined)
    await people.ensureUser({ name: DEMO_USER, roles: ['operator'], areas: '*' }, demoUser.password);
  else if (people.user(DEMO_USER) !== undefined) await people.removeUser(DEMO_USER);
  for (const { name, roles } of people.users())
    if (clashOf(roles) !== undefined)
      log(
        `${name} is ${clashOf(roles)!.join(' and ')}, which exclude each other: give one of the roles to another user`,
      );
  const callerNamed = (name: string): Caller | undefined =>
    name === 'owner' && token !== undefined ? byHash(hashed(token)) : (inFile(name) ?? people.callerNamed(name));
  const callerOfTokenHash = (hash: string): Caller | undefined => byHash(hash) ?? people.callerOfTokenHash(hash);
  const ensureAdmin = async (): Promise<void> => {
    if (simulated || people.users().some(({ roles }) => roles.includes('admin'))) return;
    const { oneTimePassword } = await people.putUser({
      name: FIRST_ADMIN,
      roles: ['admin'],
      areas: '*',
      disabled: false,
    });
    log(`First sign-in: user ${FIRST_ADMIN}, one-time password ${oneTimePassword}; it is shown only once`);
  };
  return {
    people,
    ensureAdmin,
    oidc,
    callers: known,
    callerNamed,
    callerOfTokenHash,
    demoUser,
    token,
    close: () => store.close(),
  };
}

/** Loads the provider's client only if one is configured. */
async function oidcOf({ oidc }: CloudConfig['api'], people: People, now: () => number): Promise<OidcLogin | undefined> {
  if (oidc === undefined) return undefined;
  const { clientSecretFile: file } = oidc;
  if (file !== '' && !existsSync(file))
    throw new LoadstoneError('LS-CONFIG-003', `api.oidc.clientSecretFile: there is no file ${file}`);
  const secret = file === '' ? undefined : readFileSync(file, 'utf8').trim();
  const { OidcLogin: Login } = await import('../access/oidc.ts');
  return new Login({ config: oidc, secret, people, now });
}
