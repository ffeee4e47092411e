import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance } from 'fastify';
import { installAccess, installHeaders } from './access.ts';
import { installAudit } from './audit-acts.ts';
import { withFiles } from './answers/document-files.ts';
import { installEtags } from './answers/etag.ts';
import { installIdempotency } from './answers/idempotency.ts';
import { RateLimit } from './callers/rate-limit.ts';
import type { ApiDeps } from './deps.ts';
import { ForecastShape } from './forecasts/shape.ts';
import { installKeeping } from './front/keeping.ts';
import { LINGER_MS } from './front/linger.ts';
import { HTTP_LIMITS } from './http-limits.ts';
import { noSuchScreen, serveDashboard } from './dashboard-page.ts';
import { installProblems, Problem } from './problem.ts';
import { answerToGarbage } from './request-form.ts';
import { Resource } from './resources.ts';
import { actRoutes } from './routes/acts.ts';
import { deskRoutes } from './routes/desk.ts';
import { eventRoutes } from './routes/events.ts';
import { exportRoutes } from './routes/exports.ts';
import { externalForecastRoute } from './routes/external-forecasts.ts';
import { areaRoutes } from './routes/areas.ts';
import { alarmRoutes } from './routes/alarms.ts';
import { forecastJobRoutes } from './routes/forecast-jobs.ts';
import { jobRoutes, JobShape } from './routes/jobs.ts';
import { measurementUploadRoute } from './routes/measurement-upload.ts';
import { measurementRoutes } from './routes/measurements.ts';
import { federatedRoutes } from './routes/federated.ts';
import { modelImportRoute } from './routes/model-import.ts';
import { modelRoutes } from './routes/models.ts';
import { newestForecastRoutes } from './routes/newest-forecast.ts';
import { annotationRoutes } from './routes/annotations.ts';
import { backtestRoutes } from './routes/backtests.ts';
import { auditRoutes } from './routes/audit.ts';
import { completenessRoute } from './routes/completeness.ts';
import { quarantineRoute } from './routes/quarantine.ts';
import { ogcRoutes } from './routes/ogc.ts';
import { operationRoutes } from './routes/operation.ts';
import { oidcRoutes } from './routes/oidc.ts';
import { peopleRoutes } from './routes/people.ts';
import { registerRoutes } from './routes/register.ts';
import { resourceRoutes } from './routes/resources.ts';
import { scenarioRoutes } from './routes/scenarios.ts';
import { scorecardRoutes } from './routes/scorecards.ts';
import { sessionRoutes } from './routes/session.ts';
import { explanationRoutes } from './routes/explanations.ts';
import { vintageRoutes } from './routes/vintages.ts';
import { weatherRoutes } from './routes/weather.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { LiveStream } from './stream.ts';
import { requestValidator } from './validator.ts';

const BODY_LIMIT = 1_000_000;

export interface Api {
  readonly app: FastifyInstance;
  readonly stream: LiveStream;
}

/** Builds the HTTP side: planner API, operator's views, event stream, OpenAPI page and the dashboard's files. It does not listen. */
export async function buildApi(deps: ApiDeps, limits = HTTP_LIMITS): Promise<Api> {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.silenceMs,
    keepAliveTimeout: limits.idleMs,
    forceCloseConnections: true,
    http: {
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      // Our own check answers with a code where there is none.
      requireHostHeader: false,
    },
    clientErrorHandler: (error, socket) => {
      // What comes behind garbage is garbage again, until the client has read why and closes.
      if (socket.writableEnded) return;
      if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
      socket.write(answerToGarbage(error));
      socket.destroySoon();
      // Who does not read why, nor what went before it, is not waited for.
      deps.clock.machine.after(LINGER_MS, () => void socket.destroy());
    },
    schemaController: requestValidator(),
  });
  installHeaders(app);
  const { front } = deps;
  const rates = new RateLimit(
    deps.clock.machine,
    front && { cells: front.rates, onReset: () => front.freshness.rightsChanged() },
  );
  installKeeping(app, { state: front, people: deps.people, rates });
  installAccess(app, deps, rates);
  installAudit(app, deps);
  installProblems(app, deps.dashboardRoot === undefined ? undefined : noSuchScreen(deps.dashboardRoot));
  installEtags(app);
  installIdempotency(app, deps.idempotency, deps.clock.machine);
  app.addSchema(Problem);
  app.addSchema(Resource);
  app.addSchema(ForecastShape);
  app.addSchema(JobShape);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Loadstone',
        version: '1',
        description:
          'Planner API and operator views. Power is positive for consumption from the grid; times are RFC 3339.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transformObject: (document) =>
      'openapiObject' in document ? withFiles(document.openapiObject) : document.swaggerObject,
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) => (typeof json['$id'] === 'string' ? json['$id'] : `def-${i}`),
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/api',
    staticCSP: true,
    uiConfig: { deepLinking: true, tryItOutEnabled: true },
  });
  const stream = new LiveStream(deps);
  await app.register(async (scope) => {
    // What a route answers is described, not cut to its description.
    scope.setSerializerCompiler(() => JSON.stringify);
    scope.addHook('onRoute', (route) => {
      route.schema = {
        ...route.schema,
        ...strictQuery(route.schema?.querystring),
        response: { ...(route.schema?.response as object | undefined), '4xx': { $ref: 'Problem#' } },
      };
    });
    resourceRoutes(scope, deps);
    newestForecastRoutes(scope, deps);
    vintageRoutes(scope, deps);
    explanationRoutes(scope, deps);
    forecastJobRoutes(scope, deps);
    jobRoutes(scope, deps);
    modelRoutes(scope, deps);
    modelImportRoute(scope, deps);
    federatedRoutes(scope, deps);
    scenarioRoutes(scope, deps);
    scorecardRoutes(scope, deps);
    measurementRoutes(scope, deps);
    measurementUploadRoute(scope, deps);
    annotationRoutes(scope, deps);
    weatherRoutes(scope, deps);
    externalForecastRoute(scope, deps);
    backtestRoutes(scope, deps);
    exportRoutes(scope, deps);
    ogcRoutes(scope, deps);
    eventRoutes(scope, deps);
    webhookRoutes(scope, deps);
    operationRoutes(scope, deps);
    deskRoutes(scope, deps);
    actRoutes(scope, deps);
    areaRoutes(scope, deps);
    alarmRoutes(scope, deps);
    registerRoutes(scope, deps);
    completenessRoute(scope, deps);
    quarantineRoute(scope, deps);
    sessionRoutes(scope, deps);
    oidcRoutes(scope, deps);
    peopleRoutes(scope, deps);
    auditRoutes(scope, deps);
    stream.route(scope);
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(await deps.metrics()),
  );
  if (deps.dashboardRoot !== undefined) await serveDashboard(app, deps.dashboardRoot);
  return { app, stream };
}

/** A parameter that a route does not know is refused: left out in silence it would answer another question. */
const strictQuery = (querystring: unknown): { querystring?: object } =>
  typeof querystring === 'object' && querystring !== null
    ? { querystring: { additionalProperties: false, ...querystring } }
    : {};
