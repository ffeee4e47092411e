import { createHmac } from 'node:crypto';
import { judged, type Attack, type Group } from '../attack.ts';
import { shown } from '../door.ts';
import type { HeldGateway } from '../held-gateway.ts';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = part({ sub: 'admin', scope: 'access:write', exp: 4_102_444_800 });
const hmac = (text: string, key: string): string => createHmac('sha256', key).update(text).digest('base64url');
const jwt = (header: object, key?: string): string => {
  const text = `${part(header)}.${claims}`;
  return `${text}.${key === undefined ? '' : hmac(text, key)}`;
};

const atApi = (name: string, title: string, token: () => string): Attack => ({
  id: `tokens/${name}`,
  title,
  requirements: ['CR 1.1', 'CR 1.1 RE 1', 'CR 1.5', 'CR 3.1'],
  expected: '401 LS-API-002',
  run: async ({ door }) =>
    judged(shown(await door.ask('/v1/users', { headers: { authorization: `Bearer ${token()}` } })), /^401 LS-API-002$/),
});

const atGateway = (name: string, title: string, make: (held: HeldGateway) => string): Attack => ({
  id: `tokens/${name}`,
  title,
  requirements: ['CR 3.1', 'CR 3.1 RE 1', 'CR 1.9', 'EDR 2.4', 'EDR 2.4 RE 1'],
  expected: 'rejected: LS-DOC-001',
  run: async ({ held }) => {
    // Other reports meanwhile belong to earlier commands.
    const reports = (await held.meets(make(held))).filter(({ stage }) => stage === 'accepted' || stage === 'rejected');
    return judged(
      reports.map(({ stage, code }) => `${stage} ${code ?? ''}`).join(', '),
      /^rejected LS-DOC-001$/,
      /^accepted/,
    );
  },
});

/** Like a signed document, except for the signature. */
const document = (held: HeldGateway, header: object): string =>
  `${part({ kid: held.publicKey.kid, typ: 'loadstone+jws', ...header })}.${part(held.override())}`;

export const forgedTokens: Group = {
  id: 'tokens',
  title: 'JWT and JWS: alg none, HS for an asymmetric key, kid with a path',
  asset: 'the identity of people, and documents of the cloud',
  from: 'a client of the API, and an attacker who controls the broker',
  defence:
    'API tokens are random, not JWT; documents accept only EdDSA and a pinned kid: shared/codec/signed-document.ts',
  attacks: [
    atApi('api-none', 'presents a JWT with alg none', () => jwt({ alg: 'none', typ: 'JWT' })),
    atApi('api-hs256', 'presents an HS256 JWT under a guessed key', () => jwt({ alg: 'HS256' }, 'secret')),
    atApi('api-kid', 'presents a JWT whose kid is a path', () => jwt({ alg: 'HS256', kid: '../../dev/null' }, '')),
    atGateway('document-none', 'sends a command with alg none', (held) => `${document(held, { alg: 'none' })}.`),
    atGateway('document-hs256', 'signs a command with HS256 under the public key', (held) => {
      const text = document(held, { alg: 'HS256' });
      return `${text}.${hmac(text, JSON.stringify(held.publicKey))}`;
    }),
    atGateway('document-kid', 'names a file as the key of a command', (held) => {
      const text = document(held, { alg: 'EdDSA', kid: '../../../dev/null' });
      return `${text}.${hmac(text, '')}`;
    }),
    atGateway('document-jwk', 'supplies its own key in the header', (held) => {
      const text = document(held, { alg: 'EdDSA', jwk: held.publicKey });
      return `${text}.${hmac(text, 'x')}`;
    }),
  ],
};
