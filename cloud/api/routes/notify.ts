import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { Id } from '../../../shared/contracts/ids.ts';
import { NotifyView, TestMessageView } from '../../../shared/contracts/notify.ts';
import { callerOf, warrantOf } from '../access.ts';
import type { ApiDeps } from '../deps.ts';

const Params = Type.Object({ name: Id });
type Params = Static<typeof Params>;

/** Alarm notifications: their channels, and tests of them. */
export function notifyRoutes(app: FastifyInstance, { owner }: ApiDeps): void {
  const tags = ['desk'];

  app.get(
    '/v1/notify',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'getNotify',
        summary: 'Get who is notified of alarms by mail and webhook, and whether deliveries succeed',
        response: { 200: NotifyView },
      },
    },
    async () => owner.notify.view(),
  );

  app.post(
    '/v1/notify/mail/test',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'sendTestMail',
        summary: 'Send a test mail to everyone who can be notified',
        response: { 200: TestMessageView },
      },
    },
    async (request) => {
      request.act = { on: 'notify:mail' };
      return owner.notify.test(warrantOf(request), callerOf(request).name);
    },
  );

  app.post<{ Params: Params }>(
    '/v1/notify/webhooks/:name/test',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'sendTestWebhook',
        summary: 'Send a test message to the receivers of a webhook for alarms',
        params: Params,
        response: { 200: TestMessageView },
      },
    },
    async (request) => {
      const { name } = request.params;
      request.act = { on: `notify:webhook:${name}` };
      return owner.notify.testWebhook(warrantOf(request), name, callerOf(request).name);
    },
  );
}
