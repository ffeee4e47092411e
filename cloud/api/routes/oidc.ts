import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { sessionOf, setSession } from '../callers/credentials.ts';
import { HTTPS_ALONE, isHttps, maySignIn, originOf } from '../callers/transport.ts';
import type { ApiDeps } from '../deps.ts';
import { fileAnswer } from '../answers/document-files.ts';

const CALLBACK = '/v1/session/oidc/callback';

/**
 * Sign-in through an external provider. The provider sends the browser back from its own site, where our strict session cookie is not sent.
 * So the flow has a lax cookie of its own, which knows the session that it started in, and the next page is opened from our site.
 */
export function oidcRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const {
    ssoName,
    owner: { oidc, audit },
  } = deps;
  const tags = ['access'];
  const cookie = isHttps(deps) ? '__Host-loadstone-oidc' : 'loadstone-oidc';
  const setFlow = (reply: FastifyReply, flow: string): FastifyReply =>
    reply.setCookie(cookie, flow, { sameSite: 'lax', maxAge: flow === '' ? 0 : 600 });

  /** Returns the provider's display name; throws if sign-in is not possible here. */
  const configured = (request: FastifyRequest): string => {
    if (ssoName === undefined) throw new LoadstoneError('LS-API-004', 'no provider is configured: see api.oidc');
    if (!maySignIn(request, deps)) throw new LoadstoneError('LS-API-003', HTTPS_ALONE);
    return ssoName;
  };

  app.get(
    '/v1/session/oidc',
    {
      config: { right: 'public', isCostly: true },
      schema: {
        tags,
        operationId: 'startProviderSignIn',
        summary: 'Sign in through the provider',
        response: { 302: Type.Null({ description: 'redirect to the provider' }) },
      },
    },
    async (request, reply) => {
      configured(request);
      const { url, flow } = await oidc.begin(`${originOf(request, deps)}${CALLBACK}`, sessionOf(request, deps));
      return setFlow(reply, flow).header('cache-control', 'no-store').redirect(url);
    },
  );

  app.get(
    CALLBACK,
    {
      config: { right: 'public', isCostly: true },
      schema: {
        tags,
        operationId: 'finishProviderSignIn',
        summary: 'Complete the sign-in when the provider sends the browser back',
        response: { 200: fileAnswer('a page that opens the dashboard', ['text/html']) },
      },
    },
    async (request, reply) => {
      const why = configured(request);
      const what = `GET ${CALLBACK}`;
      const query = request.raw.url?.split('?')[1] ?? '';
      try {
        const { session, user } = await oidc.finish(query, request.cookies[cookie]);
        await audit.append({ who: user, what, why, outcome: 'done' });
        void setFlow(setSession(reply, session, deps), '');
        return page(reply, '<meta http-equiv="refresh" content="0; url=/">', 'You are signed in.');
      } catch (error) {
        if (!(error instanceof LoadstoneError)) throw error;
        const refused: FastifyReply = reply;
        void setFlow(refused.status(error.status), '');
        return page(refused, '', escaped(error.message));
      }
    },
  );
}

const page = (reply: FastifyReply, head: string, text: string): FastifyReply =>
  reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .serializer(String)
    .send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Loadstone</title>${head}</head>` +
        `<body><h1>Loadstone</h1><p>${text}</p><p><a href="/login">Continue</a></p></body></html>`,
    );

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
