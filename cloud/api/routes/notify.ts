import type { FastifyInstance } from 'fastify';
import { NotifyView, TestMailView } from '../../../shared/contracts/notify.ts';
import { callerOf, warrantOf } from '../access.ts';
import type { ApiDeps } from '../deps.ts';

/** How alarms leave the page, and whether they would. */
export function notifyRoutes(app: FastifyInstance, { owner }: ApiDeps): void {
  const tags = ['desk'];

  app.get(
    '/v1/notify',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'getNotify',
        summary: 'Who is told of alarms by mail, and whether the mail server takes them',
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
        summary: 'Send a test mail to everybody who may be told',
        response: { 200: TestMailView },
      },
    },
    async (request) => {
      request.act = { on: 'notify:mail' };
      return owner.notify.test(warrantOf(request), callerOf(request).name);
    },
  );
}
