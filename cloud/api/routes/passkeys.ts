import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { PasskeyOptions, PasskeyView } from '../../../shared/contracts/people.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { Passkey } from '../../access/people-store.ts';
import { pageOf } from '../answers/cursor.ts';
import { deviceOf } from '../callers/credentials.ts';
import { HTTPS_ALONE, maySignIn, originOf } from '../callers/transport.ts';
import { formatTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { credentialOf, SignIn } from './session.ts';

const closed = { additionalProperties: false } as const;

const Proof = Type.Object({ password: SignIn.properties.password }, { ...closed, title: 'PasskeyWish' });
type Proof = Static<typeof Proof>;
const Name = Type.String({
  pattern: '^[^\\p{Cc}]{1,60}$',
  maxLength: 60,
  description: 'name by which its owner recognises it',
});
const PasskeyName = Type.Object({ name: Name }, { ...closed, title: 'PasskeyName' });
type PasskeyName = Static<typeof PasskeyName>;
const NewPasskey = Type.Object(
  {
    name: Name,
    passkey: SignIn.properties.passkey,
  },
  { ...closed, title: 'NewPasskey' },
);
type NewPasskey = Required<Static<typeof NewPasskey>>;
const PasskeyParams = Type.Object({ id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,1400}$', maxLength: 1400 }) });
type PasskeyParams = Static<typeof PasskeyParams>;

const shown = ({ id, name, host, createdAt, usedAt }: Passkey): PasskeyView => ({
  id,
  name,
  host,
  createdAt: formatTime(createdAt),
  lastUsedAt: usedAt === null ? null : formatTime(usedAt),
});

/** The user's own passkeys. What a browser creates is sent as JSON text. */
export function passkeyRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { passkeys } = deps.owner;
  const tags = ['access'];

  app.post<{ Body: SignIn }>(
    '/v1/session/passkey',
    {
      config: { right: 'public' },
      schema: {
        tags,
        operationId: 'passkeyChallenge',
        summary: 'Get the passkey challenge for a sign-in with name and password',
        body: SignIn,
        response: { 200: PasskeyOptions },
      },
    },
    async (request, reply) => {
      const { user, password } = request.body;
      request.act = { who: user };
      if (!maySignIn(request, deps)) throw new LoadstoneError('LS-API-003', HTTPS_ALONE);
      const options = await passkeys.challenge(user, password, originOf(request, deps), {
        address: request.ip,
        device: deviceOf(request, deps),
      });
      return reply.header('cache-control', 'no-store').send({ options: JSON.stringify(options) });
    },
  );

  app.post(
    '/v1/passkeys/challenge',
    {
      config: { right: 'session' },
      schema: {
        tags,
        operationId: 'passkeyAsk',
        summary: 'Get the passkey challenge for an act that requires one',
        response: { 200: PasskeyOptions },
      },
    },
    async (request, reply) => {
      const options = await passkeys.ask(request.identity?.session ?? '', originOf(request, deps));
      return reply.header('cache-control', 'no-store').send({ options: JSON.stringify(options) });
    },
  );

  app.get(
    '/v1/passkeys',
    {
      config: { right: 'session' },
      schema: {
        tags,
        operationId: 'listPasskeys',
        summary: 'List your passkeys',
        response: { 200: pageOf(PasskeyView) },
      },
    },
    async (request) => ({
      items: (await passkeys.list(request.identity?.session ?? '')).map(shown),
      nextCursor: null,
    }),
  );

  app.post<{ Body: Proof }>(
    '/v1/passkeys/options',
    {
      config: { right: 'session' },
      schema: {
        tags,
        operationId: 'passkeyOptions',
        summary: 'Get the options for creating a passkey; requires your password',
        body: Proof,
        response: { 200: PasskeyOptions },
      },
    },
    async (request, reply) => {
      const session = request.identity?.session ?? '';
      const options = await passkeys.registration(session, request.body.password, originOf(request, deps));
      return reply.header('cache-control', 'no-store').send({ options: JSON.stringify(options) });
    },
  );

  app.post<{ Body: NewPasskey }>(
    '/v1/passkeys',
    {
      config: { right: 'session' },
      schema: {
        tags,
        operationId: 'addPasskey',
        summary: 'Register a passkey that the browser has created',
        body: NewPasskey,
        response: { 201: PasskeyView },
      },
    },
    async (request, reply) => {
      const { name, passkey } = request.body;
      request.act = { to: { passkey: name } };
      const session = request.identity?.session ?? '';
      const origin = originOf(request, deps);
      const made = await passkeys.register(session, { name, response: credentialOf(passkey), origin });
      return reply.status(201).send(shown(made));
    },
  );

  app.put<{ Params: PasskeyParams; Body: PasskeyName }>(
    '/v1/passkeys/:id',
    {
      config: { right: 'session' },
      schema: {
        tags,
        operationId: 'renamePasskey',
        summary: 'Rename one of your passkeys',
        params: PasskeyParams,
        body: PasskeyName,
        response: { 204: Type.Null({ description: 'renamed' }) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { name } = request.body;
      request.act = { from: { passkey: id.slice(0, 80) }, to: { passkey: name } };
      await passkeys.rename(request.identity?.session ?? '', id, name);
      return reply.status(204).send();
    },
  );

  app.post<{ Params: PasskeyParams; Body: Proof }>(
    '/v1/passkeys/:id/remove',
    {
      config: { right: 'session' },
      schema: {
        tags,
        operationId: 'removePasskey',
        summary: 'Remove one of your passkeys; requires your password',
        params: PasskeyParams,
        body: Proof,
        response: { 204: Type.Null({ description: 'removed' }) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      request.act = { from: { passkey: id.slice(0, 80) } };
      await passkeys.remove(request.identity?.session ?? '', id, request.body.password);
      return reply.status(204).send();
    },
  );
}
