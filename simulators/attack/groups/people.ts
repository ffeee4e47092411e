import { readFileSync } from 'node:fs';
import { judged, refused, succeeded, type Group } from '../attack.ts';
import { until } from '../../../shared/testing/until.ts';
import { shown, type Answer } from '../door.ts';
import type { Person } from '../person.ts';
import { pause } from '../held-gateway.ts';
import { GATEWAY, hire, NOTICE } from '../instance.ts';
import { passkeyAttacks } from './passkeys.ts';

const BATTERY = `/v1/devices/${GATEWAY}/battery-1`;
const WISH = { setpoint: { activePowerKw: 5 }, durationS: 600, reason: 'an attack' };

/** Token of a selection, once the gateway has reported its devices to the cloud. */
const selected = (by: Person, wish: object): Promise<string> =>
  until('a selection', async () => {
    const { text } = await by.asks(`${BATTERY}/select`, { method: 'POST', body: wish });
    const { token } = JSON.parse(text) as { readonly token?: string };
    if (token === undefined) throw new Error(text.slice(0, 300));
    return token;
  });

/** The answer once the gateway has reported whether it holds the device. */
const heldBy = (operate: () => Promise<Answer>): Promise<Answer> =>
  until('an answer of the gateway', async () => {
    const answer = await operate();
    return answer.code !== 'LS-DESK-007' && answer;
  });

export const peopleAttacks: Group = {
  id: 'people',
  title:
    'Select token reused, own request approved, own rights raised, passwords guessed, passkeys copied, sign-in without a notice',
  asset: 'the right to move devices and to grant rights',
  from: 'a person with an account, and a client of the sign-in',
  defence: 'select before operate, approval by a second person, exclusive roles, passkeys: cloud/desk, cloud/access',
  attacks: [
    {
      id: 'people/select-reused',
      title: 'confirms one selection twice',
      requirements: ['CR 2.1', 'CR 3.8'],
      expected: 'LS-DESK-004 the second time',
      run: async ({ crew: { operator } }) => {
        const token = await selected(operator, WISH);
        const operate = () => operator.asks(`${BATTERY}/operate`, { method: 'POST', body: { token, ...WISH } });
        return judged(
          `${shown(await heldBy(operate))}, then ${shown(await operate())}`,
          /^202, then 4\d\d LS-DESK-004$/,
          /^202, then 202$/,
        );
      },
    },
    {
      id: 'people/select-of-another',
      title: 'confirms the selection of another person',
      requirements: ['CR 2.1'],
      expected: 'LS-DESK-004',
      run: async ({ crew }) => {
        const { operator } = crew;
        const other = await hire(crew, 'otto', 'operator');
        const wish = { ...WISH, reason: 'another attack' };
        const token = await selected(operator, wish);
        const operate = () => other.asks(`${BATTERY}/operate`, { method: 'POST', body: { token, ...wish } });
        return judged(shown(await heldBy(operate)), /^4\d\d LS-DESK-004$/, /^2\d\d$/);
      },
    },
    {
      id: 'people/invented-selection',
      title: 'confirms a selection that never existed',
      requirements: ['CR 2.1', 'CR 3.5'],
      expected: 'LS-DESK-004',
      run: async ({ crew: { operator } }) =>
        judged(
          shown(
            await operator.asks(`${BATTERY}/operate`, { method: 'POST', body: { token: 'a'.repeat(32), ...WISH } }),
          ),
          /^4\d\d LS-DESK-004$/,
        ),
    },
    {
      id: 'people/own-approval',
      title: 'approves its own request for a raised limit',
      requirements: ['CR 2.1'],
      expected: 'LS-DESK-005: another person must approve',
      run: async ({ crew: { operator } }) => {
        const body = { kind: 'emergency', target: 'feeder:owd-1', durationS: 600, reason: 'an attack' };
        const asked = await operator.asks('/v1/acts', { method: 'POST', body });
        const id = /"approval":\{"id":"([^"]+)"/.exec(asked.text)?.[1] ?? /"id":"(apr[^"]*)"/.exec(asked.text)?.[1];
        if (id === undefined) throw new Error(`no request: ${asked.text.slice(0, 300)}`);
        const decision = { decision: 'approve', reason: 'an attack' };
        return judged(
          shown(await operator.asks(`/v1/approvals/${id}`, { method: 'POST', body: decision })),
          /^4\d\d LS-DESK-005$/,
          /^2\d\d$/,
        );
      },
    },
    {
      id: 'people/viewer-acts',
      title: 'moves a device as a viewer',
      requirements: ['CR 2.1', 'CR 2.1 RE 2'],
      expected: '403 LS-API-003',
      run: async ({ crew: { viewer } }) =>
        judged(shown(await viewer.asks(`${BATTERY}/select`, { method: 'POST', body: WISH })), /^403 LS-API-003$/),
    },
    {
      id: 'people/admin-acts',
      title: 'moves a device as an admin',
      requirements: ['CR 2.1', 'CR 2.1 RE 2'],
      expected: '403 LS-API-003',
      run: async ({ crew: { admin } }) =>
        judged(shown(await admin.asks(`${BATTERY}/select`, { method: 'POST', body: WISH })), /^403 LS-API-003$/),
    },
    {
      id: 'people/own-rights',
      title: 'gives itself the role of an operator, as an admin',
      requirements: ['CR 1.3', 'CR 2.1'],
      expected: '422 LS-API-014',
      run: async ({ crew }) => {
        // A new admin, so that any gained right is of no use to other attacks.
        const climber = await hire(crew, 'arno', 'admin');
        const body = { roles: ['admin', 'operator'], areas: '*' };
        return judged(
          shown(await climber.asks('/v1/users/arno', { method: 'PUT', body })),
          /^422 LS-API-014$/,
          /^2\d\d$/,
        );
      },
    },
    {
      id: 'people/puppet',
      title: 'creates a puppet operator as an admin, or takes over an operator by resetting the password',
      requirements: ['CR 1.3', 'CR 2.1'],
      expected: '409 LS-DESK-005 each time',
      run: async ({ crew }) => {
        const { admin } = crew;
        const taken = await hire(crew, 'pippa', 'operator');
        const body = { roles: ['operator'], areas: '*' };
        const make = () => admin.asks('/v1/users/puppet', { method: 'PUT', body });
        const seen = [
          await make(),
          await make(),
          await admin.asks(`/v1/users/${taken.name}/password`, { method: 'POST' }),
        ];
        return judged(seen.map(shown).join(', '), /^(409 LS-DESK-005(, |$)){3}$/, /\b200\b/);
      },
    },
    {
      id: 'people/token-above-owner',
      title: 'creates an API token with more rights than its owner has',
      requirements: ['CR 2.1', 'CR 1.5'],
      expected: '403 LS-API-003',
      run: async ({ crew: { viewer } }) => {
        const body = { label: 'attack', scopes: ['operate'], days: 1 };
        return judged(shown(await viewer.asks('/v1/tokens', { method: 'POST', body })), /^403 LS-API-003$/);
      },
    },
    {
      id: 'people/token-outlives-password',
      title: 'keeps using an API token after its owner got a new password',
      requirements: ['CR 1.5', 'CR 1.3'],
      expected: '401 LS-API-002',
      run: async ({ crew, door }) => {
        const { admin } = crew;
        const owner = await hire(crew, 'tom', 'viewer');
        const body = { label: 'attack', scopes: ['planner:read'], days: 1 };
        const made = await owner.asks('/v1/tokens', { method: 'POST', body });
        const { token } = JSON.parse(made.text) as { readonly token: string };
        const use = () => door.ask('/v1/gateways', { headers: { authorization: `Bearer ${token}` } });
        const before = await use();
        await admin.asks('/v1/users/tom/password', { method: 'POST' });
        return judged(`${shown(before)}, then ${shown(await use())}`, /^200, then 401 LS-API-002$/);
      },
    },
    {
      id: 'people/guessed-password',
      title: 'guesses a password 20 times',
      requirements: ['CR 1.11', 'CR 1.5'],
      expected: '429 LS-API-008 within 9 guesses',
      run: async ({ door }) => {
        const seen: string[] = [];
        for (let guess = 0; guess < 20 && !seen.includes('429 LS-API-008'); guess++) {
          const body = { user: 'nobody-home', password: `a wrong guess ${guess}` };
          seen.push(shown(await door.ask('/v1/session', { method: 'POST', headers: { origin: door.origin }, body })));
          await pause(220);
        }
        return judged(`${seen.length} guesses, then ${seen.at(-1)}`, /^\d guesses, then 429 LS-API-008$/);
      },
    },
    {
      id: 'people/locks-out',
      title: 'guesses passwords of an operator to lock the account elsewhere',
      requirements: ['CR 1.11', 'CR 7.1'],
      expected: '429 LS-API-008 for the attacker, 200 for the operator',
      run: async ({ crew, door }) => {
        const { name, password } = await hire(crew, 'lotte', 'operator');
        const signIn = (word: string, from: { readonly localAddress?: string } = {}): Promise<Answer> => {
          const body = { user: name, password: word };
          return door.ask('/v1/session', { method: 'POST', headers: { origin: door.origin }, body, ...from });
        };
        const guess = (): Promise<Answer> => signIn('a wrong guess', { localAddress: '127.0.0.9' });
        let seen = await guess();
        for (let n = 0; n < 20 && seen.code !== 'LS-API-008'; n++) {
          await pause(220);
          seen = await guess();
        }
        return judged(
          `${shown(seen)}, then ${shown(await signIn(password))}`,
          /^429 LS-API-008, then 200$/,
          /then 429 LS-API-008$/,
        );
      },
    },
    {
      id: 'people/told-names',
      title: 'learns from the answer whether a name exists',
      requirements: ['CR 1.10'],
      expected: 'the same answer for both',
      run: async ({ door, crew: { viewer } }) => {
        const words = async (user: string): Promise<string> => {
          const body = { user, password: 'a wrong password' };
          const answer = await door.ask('/v1/session', { method: 'POST', headers: { origin: door.origin }, body });
          // The rate limit answers everybody alike.
          if (answer.status !== 401) throw new Error(`${user} is answered ${shown(answer)}`);
          return `${shown(answer)} ${/"detail":"([^"]*)"/.exec(answer.text)?.[1] ?? answer.text}`;
        };
        const [known, unknown] = [await words(viewer.name), await words('who-is-this')];
        return judged(known === unknown ? 'the same answer' : `${known} | ${unknown}`, /^the same answer$/);
      },
    },
    {
      id: 'people/unwarned',
      title: 'reaches the sign-in without seeing a notice of whose system this is',
      requirements: ['CR 1.12'],
      expected: 'the notice of the organisation',
      run: async ({ door, cloud }) => {
        if (!readFileSync(cloud.config, 'utf8').includes(NOTICE)) throw new Error('no notice is configured');
        const answer = await door.ask('/v1/session');
        if (answer.status !== 200) throw new Error(`the sign-in answers ${shown(answer)}`);
        const { notice } = JSON.parse(answer.text) as { readonly notice?: string };
        return notice === NOTICE ? refused('the notice of the organisation') : succeeded(`notice: ${notice}`);
      },
    },
    {
      id: 'people/weak-password',
      title: 'sets password1234 as its new password',
      requirements: ['CR 1.7'],
      expected: '422 LS-API-013',
      run: async ({ crew }) => {
        const weak = await hire(crew, 'will', 'viewer');
        const body = { current: weak.password, next: 'password1234' };
        return judged(
          shown(await weak.asks('/v1/session/password', { method: 'PUT', body })),
          /^422 LS-API-013$/,
          /^2\d\d$/,
        );
      },
    },
    ...passkeyAttacks,
  ],
};
