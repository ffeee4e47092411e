import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { EVENT_NAMES } from '../../planner/events/planner-event.ts';
import { reachOf } from '../../webhooks/allowed-url.ts';
import type { Webhook } from '../../planner/webhooks/webhook-store.ts';
import { callerOf, warrantOf } from '../access.ts';
import { pageOf } from '../answers/cursor.ts';
import { formatTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';

const MOST_A_CALLER = 20;

const Body = Type.Object(
  {
    url: Type.String({ maxLength: 500, examples: ['https://hooks.example.com/loadstone'] }),
    events: Type.Array(Type.Enum([...EVENT_NAMES]), { minItems: 1, maxItems: EVENT_NAMES.length, uniqueItems: true }),
  },
  {
    additionalProperties: false,
    title: 'WebhookRequest',
    examples: [{ url: 'https://hooks.example.com/loadstone', events: ['limit.predicted', 'job.finished'] }],
  },
);
type Body = Static<typeof Body>;
const Params = Type.Object({ id: Type.String({ maxLength: 80, examples: ['whk_01k2f5'] }) });
type Params = Static<typeof Params>;

const Nullable = Type.Union([Type.String(), Type.Null()]);
const example = {
  id: 'whk_01k2f5',
  url: 'https://hooks.example.com/loadstone',
  events: ['limit.predicted', 'job.finished'],
  createdAt: '2021-09-25T06:00:00Z',
  pending: 0,
  dropped: 0,
  lastStatus: 204,
  lastError: null,
  lastAt: '2021-09-25T06:15:02Z',
  disabled: null,
};
const WebhookShape = Type.Object(
  {
    id: Type.String(),
    url: Type.String(),
    events: Type.Array(Type.String()),
    createdAt: Type.String(),
    pending: Type.Integer({ description: 'pending deliveries' }),
    dropped: Type.Integer({ description: 'deliveries given up after about a day, or for lack of room' }),
    lastStatus: Type.Union([Type.Integer(), Type.Null()]),
    lastError: Nullable,
    lastAt: Nullable,
    disabled: Nullable,
    secret: Type.Optional(Type.String({ description: 'shown only once, in the answer that creates it' })),
  },
  { title: 'Webhook', examples: [example] },
);

/** Webhooks for signed event deliveries (standardwebhooks.com), each owned by its caller. */
export function webhookRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const shown = async (webhook: Webhook) => ({
    id: webhook.id,
    url: webhook.url,
    events: webhook.events,
    createdAt: formatTime(webhook.createdAt),
    pending: await deps.webhooks.pending(webhook.id),
    dropped: webhook.dropped,
    lastStatus: webhook.lastStatus,
    lastError: webhook.lastError,
    lastAt: webhook.lastAt === null ? null : formatTime(webhook.lastAt),
    disabled: webhook.disabled,
  });
  const own = async (request: FastifyRequest<{ Params: Params }>): Promise<Webhook> => {
    const webhook = await deps.webhooks.get(request.params.id);
    if (webhook === undefined || webhook.owner !== callerOf(request).name)
      throw new LoadstoneError('LS-API-004', `there is no webhook "${request.params.id}" of the caller`, '/params/id');
    return webhook;
  };
  app.post<{ Body: Body }>(
    '/v1/webhooks',
    {
      config: { right: 'planner:write', checksTargets: true },
      schema: {
        tags: ['events'],
        operationId: 'createWebhook',
        summary: 'Create a webhook; only this answer shows the secret that signs its deliveries',
        body: Body,
        response: { 201: WebhookShape },
      },
    },
    async (request, reply) => {
      const { url, events } = request.body;
      const owner = callerOf(request).name;
      request.act = { on: 'webhooks', to: { url, events } };
      reachOf(url, deps.webhookHosts, '/body/url');
      const secret = `whsec_${randomBytes(32).toString('base64')}`;
      const id = deps.newId('whk');
      const webhook = { id, owner, url, events, secret, createdAt: deps.clock.machine.now() };
      if (!(await deps.owner.webhooks.add(warrantOf(request), webhook, MOST_A_CALLER)))
        throw new LoadstoneError('LS-API-005', `${owner} has ${MOST_A_CALLER} webhooks: delete one first`);
      void reply.status(201).headers({ location: `/v1/webhooks/${id}`, 'cache-control': 'no-store' });
      return { ...(await shown((await deps.webhooks.get(id))!)), secret };
    },
  );
  app.get(
    '/v1/webhooks',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags: ['events'],
        operationId: 'listWebhooks',
        summary: 'List the webhooks of the caller with the state of their deliveries',
        response: { 200: pageOf(WebhookShape, [{ items: [example], nextCursor: null }]) },
      },
    },
    async (request) => {
      const webhooks = await deps.webhooks.list(callerOf(request).name);
      return { items: await Promise.all(webhooks.map(shown)), nextCursor: null };
    },
  );
  app.delete<{ Params: Params }>(
    '/v1/webhooks/:id',
    {
      config: { right: 'planner:write', checksTargets: true },
      schema: {
        tags: ['events'],
        operationId: 'deleteWebhook',
        summary: 'Delete a webhook and its pending deliveries',
        params: Params,
        response: { 204: Type.Null({ description: 'deleted' }) },
      },
    },
    async (request, reply) => {
      const { id, url } = await own(request);
      request.act = { on: `webhook:${id}`, from: { url } };
      await deps.owner.webhooks.remove(warrantOf(request), id);
      return reply.status(204).send();
    },
  );
}
