import cookie from '@fastify/cookie';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { type GuardedRoute, installAccess, installHeaders } from './access.ts';
import { installAudit } from './audit-acts.ts';
import { installEtags } from './answers/etag.ts';
import { installIdempotency } from './answers/idempotency.ts';
import { cookieDefaults } from './callers/credentials.ts';
import { proxyTest } from './callers/transport.ts';
import { RateLimit } from './callers/rate-limit.ts';
import { limitConnections } from './connections.ts';
import type { ApiDeps } from './deps.ts';
import type { Health } from './owner.ts';
import { describeRoutes, installDescription } from './description/describe.ts';
import { ForecastShape } from './forecasts/shape.ts';
import { HTTP_LIMITS } from './http-limits.ts';
import { noSuchScreen, serveDashboard } from './dashboard-page.ts';
import { ProblemAnswer } from '../../shared/contracts/problem.ts';
import { installProblems } from './problem.ts';
import { ownMetrics } from './own-metrics.ts';
import { answerToGarbage } from './request-form.ts';
import { Resource } from './resources.ts';
import { JobShape } from './routes/jobs.ts';
import { ROUTES } from './routes/table.ts';
import { LiveStream } from './stream.ts';
import { requestValidator } from './validator.ts';

const BODY_LIMIT = 1_000_000;
const LINGER_MS = 2_000;
/** How long an answer about the owner's health is given again, because anybody may ask. */
const HEALTH_MS = 1_000;

export interface Api {
  readonly app: FastifyInstance;
  readonly stream: LiveStream;
  /** Every route with what it requires of its caller. */
  readonly routes: readonly GuardedRoute[];
}

/**
 * Liveness: 200 while the process's main thread runs, whatever else is down, because a restart would fix nothing then. 503 once that thread
 * has been stuck; page and API may run in another one.
 */
export const ALIVE = '/livez';
/** Matches the timeout of the unit's watchdog, machine time. */
const STILL_MS = 60_000;

/** Key and certificate chain, PEM. */
export interface TlsMaterial {
  readonly key: string;
  readonly cert: string;
}

/** Builds the HTTP side: planner API, operator views, event stream, OpenAPI page and the dashboard's files. It does not listen. */
export async function buildApi(deps: ApiDeps, limits = HTTP_LIMITS, tls?: TlsMaterial): Promise<Api> {
  const server = {
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    // Our own check answers a missing Host with an error code.
    requireHostHeader: false,
  };
  const options: FastifyServerOptions = {
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.silenceMs,
    keepAliveTimeout: limits.idleMs,
    forceCloseConnections: true,
    clientErrorHandler: (error, socket) => {
      // Input after garbage is garbage too, until the client has read the reason and closes.
      if (socket.writableEnded) return;
      if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
      socket.write(answerToGarbage(error));
      socket.destroySoon();
      // A client that does not read its answers is not waited for.
      deps.clock.machine.after(LINGER_MS, () => void socket.destroy());
    },
    schemaController: requestValidator(),
    ...(deps.trustedProxies.length === 0 ? {} : { trustProxy: proxyTest(deps.trustedProxies) }),
  };
  const app = (
    tls === undefined
      ? fastify({ ...options, http: server })
      : fastify({
          ...options,
          https: { ...server, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: limits.headersMs },
        } as FastifyServerOptions)
  ) as FastifyInstance;
  limitConnections(app.server, limits, proxyTest(deps.trustedProxies));
  installHeaders(app);
  const metrics = ownMetrics(app, deps.node !== undefined);
  await app.register(cookie, { parseOptions: cookieDefaults(deps) });
  const routes = installAccess(app, deps, new RateLimit(deps.clock.machine));
  installAudit(app, deps);
  installProblems(app, {
    onBug: (error) => deps.onBug(error),
    page: deps.dashboardRoot === undefined ? undefined : noSuchScreen(deps.dashboardRoot),
  });
  installEtags(app);
  installIdempotency(app, deps.owner.idempotency, deps.clock.machine);
  app.addSchema(ProblemAnswer);
  app.addSchema(Resource);
  app.addSchema(ForecastShape);
  app.addSchema(JobShape);
  await installDescription(app);
  await app.register(swaggerUi, {
    routePrefix: '/api',
    staticCSP: true,
    uiConfig: { deepLinking: true, tryItOutEnabled: true },
  });
  const stream = new LiveStream(deps);
  await app.register(async (scope) => {
    // Response schemas describe answers; they must not strip fields from them.
    scope.setSerializerCompiler(() => JSON.stringify);
    describeRoutes(scope);
    for (const routes of ROUTES) routes(scope, deps);
    stream.route(scope);
  });
  // The document is fixed once all routes are registered, and serializing it costs as much as a hundred other answers.
  let description: string | undefined;
  app.get('/openapi.json', { config: { right: 'public' }, schema: { hide: true } }, async (_request, reply) => {
    description ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').send(description);
  });
  app.get(ALIVE, { config: { right: 'public' }, schema: { hide: true } }, async (_request, reply) => {
    const stillMs = deps.mainThreadAt === undefined ? 0 : deps.clock.machine.elapsed() - deps.mainThreadAt();
    const alive = stillMs <= STILL_MS;
    return reply.code(alive ? 200 : 503).send({ alive });
  });
  let lastHealth: { readonly at: number; readonly health: Promise<Health> } | undefined;
  const healthOfOwner = (): Promise<Health> => {
    const now = deps.clock.machine.elapsed();
    if (lastHealth === undefined || now - lastHealth.at >= HEALTH_MS)
      lastHealth = { at: now, health: deps.owner.grid.health() };
    return lastHealth.health;
  };
  // Open to anyone who reaches the port: it tells only whether the process works.
  app.get('/health', { config: { right: 'public' }, schema: { hide: true } }, async (_request, reply) => {
    const health = deps.node?.health() ?? ofOwner(await healthOfOwner());
    if (deps.attackAllowed === true) void reply.header('loadstone-attack', 'allowed');
    return reply.code(health.ok ? 200 : 503).send(health);
  });
  app.get('/metrics', { config: { right: 'planner:read' }, schema: { hide: true } }, async (_request, reply) => {
    // An api node shows its own alone: the owner is scraped where it runs.
    const owner = deps.node === undefined ? await deps.owner.grid.metrics() : '';
    return reply.type('text/plain; version=0.0.4').send(owner + (await metrics()));
  });
  if (deps.dashboardRoot !== undefined) await serveDashboard(app, deps.dashboardRoot);
  return { app, stream, routes };
}

const ofOwner = (health: Health) => ({ ok: Object.values(health).every((part) => part === 'ok'), ...health });
