import { isIP } from 'node:net';
import { SoftwareAuthenticator } from '../../../cloud/access/testing/software-authenticator.ts';
import { judged, type Attack } from '../attack.ts';
import { shown, type Answer, type Door } from '../door.ts';
import { hire } from '../instance.ts';
import type { Stage } from '../stage.ts';

/** A user with a passkey, whom the attacker impersonates. */
interface Victim {
  readonly id: string;
  readonly authenticator: SoftwareAuthenticator;
  /** Number of their passkeys. */
  readonly held: () => Promise<number>;
  /** A request of the signed-in user. */
  readonly ask: (path: string, body: object) => Promise<Answer>;
  /** Signs in with name, password and an authenticator's response. */
  readonly signIn: (authenticator?: SoftwareAuthenticator) => Promise<Answer>;
}

/** Passkeys belong to a host name, but a separate instance is reached by its address. */
function placeOf({ url }: Door): { readonly host: string; readonly origin: string } {
  const name = isIP(url.hostname.replaceAll(/[[\]]/g, '')) === 0 ? url.hostname : 'localhost';
  const host = url.port === '' ? name : `${name}:${url.port}`;
  return { host, origin: `${url.protocol}//${host}` };
}

async function victim({ crew, door }: Stage, name: string): Promise<Victim> {
  const person = await hire(crew, name, 'viewer');
  const { password } = person;
  const headers = placeOf(door);
  const { origin } = headers;
  const own = (path: string, body: object) => person.asks(path, { method: 'POST', headers: { ...headers }, body });
  const ask = (path: string, body: object) => door.ask(path, { method: 'POST', headers: { ...headers }, body });
  const authenticator = new SoftwareAuthenticator();
  const made = authenticator.make(optionsIn(await own('/v1/passkeys/options', { password })), origin);
  const registered = await own('/v1/passkeys', { name: 'desk', passkey: JSON.stringify(made) });
  if (registered.status !== 201) throw new Error(`no passkey: ${shown(registered)}`);
  const signIn = async (by?: SoftwareAuthenticator): Promise<Answer> => {
    if (by === undefined) return ask('/v1/session', { user: name, password });
    const options = optionsIn(await ask('/v1/session/passkey', { user: name, password }));
    return ask('/v1/session', { user: name, password, passkey: JSON.stringify(by.prove(options, origin)) });
  };
  const held = async (): Promise<number> => {
    const { text } = await person.asks('/v1/passkeys', { headers: { ...headers } });
    return (JSON.parse(text) as { readonly items: readonly unknown[] }).items.length;
  };
  return { id: made.id, authenticator, ask: own, held, signIn };
}

function optionsIn({ text, status, code }: Answer): { readonly challenge: string } {
  if (status !== 200) throw new Error(`no challenge: ${shown({ status, code })}`);
  return JSON.parse((JSON.parse(text) as { readonly options: string }).options) as { readonly challenge: string };
}

export const passkeyAttacks: readonly Attack[] = [
  {
    id: 'people/passkey-missing',
    title: 'signs in with only a stolen password, although its owner has a passkey',
    requirements: ['CR 1.1', 'CR 1.5'],
    expected: '409 LS-API-015',
    run: async (stage) => judged(shown(await (await victim(stage, 'paula')).signIn()), /^409 LS-API-015$/, /^200$/),
  },
  {
    id: 'people/passkey-copied',
    title: 'signs in with a copy of a passkey that its owner has used since',
    requirements: ['CR 1.1', 'CR 1.5'],
    expected: '200 for the owner, 422 LS-API-016 for the copy',
    run: async (stage) => {
      const { authenticator, signIn } = await victim(stage, 'peter');
      const owner = [await signIn(authenticator), await signIn(authenticator)];
      authenticator.counter = 0;
      return judged(
        [...owner, await signIn(authenticator)].map(shown).join(', '),
        /^200, 200, 422 LS-API-016$/,
        /^200, 200, 200$/,
      );
    },
  },
  {
    id: 'people/passkey-removed',
    title: 'removes a passkey of another person on a page left open',
    requirements: ['CR 1.1', 'CR 1.3'],
    expected: 'refused; the passkey remains valid',
    run: async (stage) => {
      const { id, ask, held } = await victim(stage, 'pia');
      const removed = await ask(`/v1/passkeys/${id}/remove`, { password: 'a wild guess' });
      return judged(`${shown(removed)}, ${await held()} left`, /^401 LS-API-002, 1 left$/, /, 0 left$/);
    },
  },
];
