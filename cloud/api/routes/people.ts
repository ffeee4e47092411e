import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import {
  NewTokenView,
  OneTimePassword,
  PutUserAnswer,
  TokenView,
  UserRequestView,
  UserView,
} from '../../../shared/contracts/people.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { AccessRequest, ApiToken, User } from '../../access/people-store.ts';
import { Role } from '../../access/roles.ts';
import { Scope } from '../../access/caller.ts';
import { callerOf, warrantOf } from '../access.ts';
import { formatTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { regionTargets } from '../targets.ts';
import { pageOf } from '../answers/cursor.ts';

const UserParams = Type.Object({ id: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,62}$', maxLength: 63 }) });
type UserParams = Static<typeof UserParams>;
const TokenParams = Type.Object({ id: Type.String({ maxLength: 40 }) });
type TokenParams = Static<typeof TokenParams>;
const UserTokenParams = Type.Object({ ...UserParams.properties, token: TokenParams.properties.id });
type UserTokenParams = Static<typeof UserTokenParams>;

const UserBody = Type.Object(
  {
    roles: Type.Array(Role, { maxItems: 6, uniqueItems: true }),
    areas: Type.Union([Type.Literal('*'), Type.Array(Type.String({ maxLength: 200 }), { maxItems: 1000 })], {
      description: 'targets on which they may act, including their parts; * for all',
    }),
    disabled: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false, title: 'User' },
);
type UserBody = Static<typeof UserBody>;

const RequestParams = Type.Object({ ...UserParams.properties, kind: UserRequestView.properties.kind });
type RequestParams = Static<typeof RequestParams>;

const TokenBody = Type.Object(
  {
    label: Type.String({ pattern: '^[A-Za-z0-9._-]{1,40}$', maxLength: 40 }),
    scopes: Type.Array(Scope, { minItems: 1, maxItems: 6, uniqueItems: true }),
    days: Type.Integer({ minimum: 1, maximum: 366 }),
  },
  { additionalProperties: false, title: 'NewToken' },
);
type TokenBody = Static<typeof TokenBody>;

const timeOf = (time: number | null): string | null => (time === null ? null : formatTime(time));

const shownToken = ({ id, label, scopes, createdAt, usedAt, expiresAt }: ApiToken) => ({
  id,
  label,
  scopes,
  createdAt: timeOf(createdAt),
  lastUsedAt: timeOf(usedAt),
  expiresAt: formatTime(expiresAt),
});

const shownRequest = ({ user, kind, rights, by, askedAt, expiresAt }: AccessRequest): UserRequestView => ({
  user,
  kind,
  rights: rights && { roles: rights.roles, areas: rights.areas, disabled: rights.disabled },
  by,
  askedAt: formatTime(askedAt),
  expiresAt: formatTime(expiresAt),
});

/** Users and their tokens. */
export function peopleRoutes(app: FastifyInstance, { people, region, owner }: ApiDeps): void {
  const { people: acts, userRequests } = owner;
  const tags = ['access'];
  const signedIn = (request: FastifyRequest): User => {
    const user = people.userOf(request.identity?.session ?? '');
    if (user === undefined || user.mustChange) throw new LoadstoneError('LS-API-003', 'change your password first');
    return user;
  };

  /** Records in the audit entry that the act took two persons. */
  const confirmed = (request: FastifyRequest, requester: string | undefined): void => {
    if (requester === undefined) return;
    request.act = { ...request.act, why: `asked for by ${requester}`, approver: callerOf(request).name };
  };

  app.get(
    '/v1/users',
    {
      config: { right: 'access:write' },
      schema: {
        tags,
        operationId: 'listUsers',
        summary: 'List users with their roles and areas',
        response: { 200: pageOf(UserView) },
      },
    },
    async () => ({
      items: people.users(),
      nextCursor: null,
    }),
  );

  app.put<{ Params: UserParams; Body: UserBody }>(
    '/v1/users/:id',
    {
      config: { right: 'access:write' },
      schema: {
        tags,
        operationId: 'putUser',
        summary: 'Create a user with a one-time password, or change a user; raising rights waits for a second admin',
        params: UserParams,
        body: UserBody,
        response: { 200: PutUserAnswer },
      },
    },
    async (request, reply) => {
      const { roles, areas, disabled = false } = request.body;
      const name = request.params.id;
      const known = people.user(name);
      const to = { roles, areas, disabled };
      const from = known && { roles: known.roles, areas: known.areas, disabled: known.disabled };
      request.act = { on: `user:${name}`, from, to };
      const targets = regionTargets(region);
      const foreign = areas === '*' ? undefined : areas.find((target) => !targets.has(target));
      if (foreign !== undefined)
        throw new LoadstoneError('LS-API-007', `there is no target "${foreign.slice(0, 80)}"`, '/body/areas');
      const { oneTimePassword, requester } = await acts.putUser(
        warrantOf(request),
        { name, ...to },
        callerOf(request).name,
      );
      confirmed(request, requester);
      const once = oneTimePassword === undefined ? {} : { oneTimePassword };
      return reply.header('cache-control', 'no-store').send({ ...people.user(name), ...once });
    },
  );

  app.delete<{ Params: UserParams }>(
    '/v1/users/:id',
    {
      config: { right: 'access:write' },
      schema: {
        tags,
        operationId: 'deleteUser',
        summary: 'Delete a user with all sessions and tokens',
        params: UserParams,
        response: { 204: Type.Null({ description: 'removed' }) },
      },
    },
    async (request, reply) => {
      request.act = { on: `user:${request.params.id}` };
      await acts.removeUser(warrantOf(request), request.params.id);
      return reply.status(204).send();
    },
  );

  app.post<{ Params: UserParams }>(
    '/v1/users/:id/password',
    {
      config: { right: 'access:write' },
      schema: {
        tags,
        operationId: 'resetPassword',
        summary:
          'Issue a one-time password, which needs two admins if the user has rights; sessions and API tokens end',
        params: UserParams,
        response: { 200: OneTimePassword },
      },
    },
    async (request, reply) => {
      request.act = { on: `user:${request.params.id}` };
      const { id } = request.params;
      const { oneTimePassword, requester } = await acts.resetPassword(warrantOf(request), id, callerOf(request).name);
      confirmed(request, requester);
      return reply.header('cache-control', 'no-store').send({ oneTimePassword });
    },
  );

  app.get(
    '/v1/user-requests',
    {
      config: { right: 'access:write' },
      schema: {
        tags,
        operationId: 'listUserRequests',
        summary: 'List requests that wait for a second admin, who confirms by making the same request',
        response: { 200: pageOf(UserRequestView) },
      },
    },
    async () => ({ items: (await userRequests.requests()).map(shownRequest), nextCursor: null }),
  );

  app.delete<{ Params: RequestParams }>(
    '/v1/user-requests/:id/:kind',
    {
      config: { right: 'access:write' },
      schema: {
        tags,
        operationId: 'deleteUserRequest',
        summary: 'Refuse a request that waits for a second admin, or withdraw your own',
        params: RequestParams,
        response: { 204: Type.Null({ description: 'removed' }) },
      },
    },
    async (request, reply) => {
      const { id, kind } = request.params;
      request.act = { on: `user:${id}`, from: { waiting: kind } };
      await userRequests.drop(warrantOf(request), id, kind);
      return reply.status(204).send();
    },
  );

  app.get<{ Params: UserParams }>(
    '/v1/users/:id/tokens',
    {
      config: { right: 'access:write' },
      schema: {
        tags,
        operationId: 'listUserTokens',
        summary: 'List the API tokens of a user, without their secrets',
        params: UserParams,
        response: { 200: pageOf(TokenView) },
      },
    },
    async (request) => ({ items: people.tokens(request.params.id).map(shownToken), nextCursor: null }),
  );

  app.delete<{ Params: UserParams }>(
    '/v1/users/:id/tokens',
    {
      config: { right: 'access:write' },
      schema: {
        tags,
        operationId: 'deleteUserTokens',
        summary: 'Revoke all API tokens of a user',
        params: UserParams,
        response: { 204: Type.Null({ description: 'revoked' }) },
      },
    },
    async (request, reply) => {
      const on = `user:${request.params.id}`;
      request.act = { on };
      const ended = await acts.removeTokens(warrantOf(request), request.params.id);
      request.act = { on, from: { tokens: ended.map(({ label }) => label).toSorted() } };
      return reply.status(204).send();
    },
  );

  app.delete<{ Params: UserTokenParams }>(
    '/v1/users/:id/tokens/:token',
    {
      config: { right: 'access:write' },
      schema: {
        tags,
        operationId: 'deleteUserToken',
        summary: 'Revoke an API token of a user',
        params: UserTokenParams,
        response: { 204: Type.Null({ description: 'revoked' }) },
      },
    },
    async (request, reply) => {
      const { id, token } = request.params;
      const on = `token:${token}`;
      request.act = { on };
      const { user, label, scopes } = await acts.removeToken(warrantOf(request), id, token);
      request.act = { on, from: { user, label, scopes } };
      return reply.status(204).send();
    },
  );

  app.get(
    '/v1/tokens',
    {
      config: { right: 'session' },
      schema: {
        tags,
        operationId: 'listTokens',
        summary: 'List your API tokens',
        response: { 200: pageOf(TokenView) },
      },
    },
    async (request) => ({
      items: people.tokens(signedIn(request).name).map(shownToken),
      nextCursor: null,
    }),
  );

  app.post<{ Body: TokenBody }>(
    '/v1/tokens',
    {
      config: { right: 'session' },
      schema: {
        tags,
        operationId: 'createToken',
        summary: 'Create an API token; its secret is shown once',
        body: TokenBody,
        response: { 201: NewTokenView },
      },
    },
    async (request, reply) => {
      const { label, scopes, days } = request.body;
      const { secret, ...token } = await acts.makeToken(warrantOf(request), signedIn(request), request.body);
      request.act = { on: `token:${token.id}`, to: { label, scopes, days } };
      return reply
        .status(201)
        .header('cache-control', 'no-store')
        .send({ ...shownToken(token), token: secret });
    },
  );

  app.delete<{ Params: TokenParams }>(
    '/v1/tokens/:id',
    {
      config: { right: 'session' },
      schema: {
        tags,
        operationId: 'deleteToken',
        summary: 'Revoke an API token',
        params: TokenParams,
        response: { 204: Type.Null({ description: 'revoked' }) },
      },
    },
    async (request, reply) => {
      request.act = { on: `token:${request.params.id}` };
      await acts.removeToken(warrantOf(request), signedIn(request).name, request.params.id);
      return reply.status(204).send();
    },
  );
}
