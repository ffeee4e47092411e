import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { PasskeyProof } from '../../access/passkeys.ts';
import { csrfOf, newSecret } from '../../access/people.ts';
import { rightsOf } from '../../access/roles.ts';
import { deviceOf, sessionOf, setDevice, setSession } from '../callers/credentials.ts';
import { HTTPS_ALONE, isAtHome, maySignIn, originOf, type Transport } from '../callers/transport.ts';
import type { ApiDeps } from '../deps.ts';
import { SessionView } from '../../../shared/contracts/view.ts';

const Password = Type.String({ minLength: 1, maxLength: 200 });
export const SignIn = Type.Object(
  {
    user: Type.String({ minLength: 1, maxLength: 63 }),
    password: Password,
    passkey: Type.Optional(
      Type.String({
        maxLength: 20_000,
        description: 'JSON of the browser response to passkeyChallenge; required if the account has a passkey',
      }),
    ),
  },
  { additionalProperties: false, title: 'SignIn' },
);
export type SignIn = Static<typeof SignIn>;
const NewPassword = Type.Object(
  { current: Password, next: Password },
  { additionalProperties: false, title: 'NewPassword' },
);
type NewPassword = Static<typeof NewPassword>;
const Presence = Type.Object(
  { present: Type.Boolean({ description: 'false locks the desk' }) },
  { additionalProperties: false, title: 'Presence' },
);
type Presence = Static<typeof Presence>;

/** Sign-in, sign-out, the current user, and the token that the page must send with changes. */
export function sessionRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { people, ssoName, notice, lockAfterMin, owner } = deps;
  const tags = ['access'];

  const view = (request: FastifyRequest, session: string | undefined): SessionView => {
    const user = session === undefined ? undefined : people.userOf(session);
    const atHome = isAtHome(request, deps);
    const rights = user === undefined ? (deps.guests && atHome ? rightsOf(['viewer']) : []) : rightsOf(user.roles);
    return {
      user:
        user === undefined
          ? null
          : {
              name: user.name,
              roles: user.roles,
              mustChange: user.mustChange,
              lacksPasskey: people.lacksPasskey(user),
              ...(session !== undefined && people.isLocked(session) ? { locked: true } : {}),
            },
      rights: user !== undefined && (user.mustChange || people.lacksPasskey(user)) ? [] : rights,
      csrf: user === undefined || session === undefined ? null : csrfOf(session),
      ...(ssoName === undefined ? {} : { sso: ssoName }),
      ...(lockAfterMin === 0 || user === undefined ? {} : { lockAfterMin }),
      ...(notice === '' || user !== undefined ? {} : { notice }),
      demo: atHome ? (deps.demoUser ?? null) : null,
    };
  };

  const open = (request: FastifyRequest, reply: FastifyReply, session: string): FastifyReply =>
    reply.header('cache-control', 'no-store').send(view(request, session));

  app.get(
    '/v1/session',
    {
      config: { right: 'public' },
      schema: {
        tags,
        operationId: 'getSession',
        summary: 'Get who is signed in and what they may do',
        response: { 200: SessionView },
      },
    },
    (request, reply) => reply.header('cache-control', 'no-store').send(view(request, sessionOf(request, deps))),
  );

  app.post<{ Body: SignIn }>(
    '/v1/session',
    {
      config: { right: 'public' },
      schema: {
        tags,
        operationId: 'signIn',
        summary: 'Sign in; the session is a cookie',
        body: SignIn,
        response: { 200: SessionView },
      },
    },
    async (request, reply) => {
      const { user, password, passkey } = request.body;
      request.act = { who: user };
      if (!maySignIn(request, deps)) throw new LoadstoneError('LS-API-003', HTTPS_ALONE);
      const device = deviceOf(request, deps) ?? newSecret();
      const proof = proofOf(request, passkey, deps);
      const before = sessionOf(request, deps);
      const from = { address: request.ip, device, before, ...(proof === undefined ? {} : { proof }) };
      const session = await owner.people.signIn(user, password, from);
      return open(request, setDevice(setSession(reply, session, deps), device, deps), session);
    },
  );

  app.delete(
    '/v1/session',
    {
      config: { right: 'session', judgesLock: true },
      schema: { tags, operationId: 'signOut', summary: 'Sign out', response: { 200: SessionView } },
    },
    async (request, reply) => {
      const session = request.identity?.session ?? '';
      const idToken = await owner.people.sessionData(session);
      await owner.people.signOut(session);
      const origin = originOf(request, deps);
      // The session here is over in any case: an unreachable provider must not keep anyone signed in.
      const elsewhere =
        idToken === undefined || ssoName === undefined
          ? undefined
          : await owner.oidc.endSession(idToken, `${origin}/login`).catch(() => undefined);
      const shown = view(request, undefined);
      return setSession(reply, '', deps).send(elsewhere === undefined ? shown : { ...shown, endSession: elsewhere });
    },
  );

  app.put<{ Body: Presence }>(
    '/v1/session/presence',
    {
      // Requires only the right to read, so that keystrokes do not enter the audit log.
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'tellPresence',
        summary: 'Report presence at the desk, or lock it; signing in again unlocks it',
        body: Presence,
        response: { 200: SessionView },
      },
    },
    async (request, reply) => {
      const session = request.identity?.session;
      if (session === undefined) throw new LoadstoneError('LS-API-003', 'this requires a signed-in user');
      if (!request.body.present) request.act = { to: { locked: true } };
      await owner.people.present(session, request.body.present);
      return reply.header('cache-control', 'no-store').send(view(request, session));
    },
  );

  app.put<{ Body: NewPassword }>(
    '/v1/session/password',
    {
      config: { right: 'session' },
      schema: {
        tags,
        operationId: 'changePassword',
        summary: 'Change your password; your other sessions and all your API tokens end',
        body: NewPassword,
        response: { 200: SessionView },
      },
    },
    async (request, reply) => {
      const device = deviceOf(request, deps) ?? newSecret();
      const session = await owner.people.changePassword(request.identity?.session ?? '', request.body, device);
      return open(request, setDevice(setSession(reply, session, deps), device, deps), session);
    },
  );
}

/** Returns the passkey proof of a browser with the origin of its page; throws LS-API-016 if it is not JSON. */
export const proofOf = (
  request: FastifyRequest,
  text: string | undefined,
  transport: Transport,
): PasskeyProof | undefined =>
  text === undefined ? undefined : { response: credentialOf(text), origin: originOf(request, transport) };

/** Parses what a browser sent; the library validates the content. Throws LS-API-016 if it is not JSON. */
export function credentialOf(text: string): never {
  try {
    return JSON.parse(text) as never;
  } catch {
    throw new LoadstoneError('LS-API-016', 'passkey: expected the JSON of a credential', '/body/passkey');
  }
}
