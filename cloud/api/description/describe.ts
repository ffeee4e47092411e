import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifySchema } from 'fastify';
import type { Requirement } from '../access.ts';
import { withFiles } from '../answers/document-files.ts';
import { complete } from './complete.ts';

const TAGS: Readonly<Record<string, string>> = {
  resources: 'Regions, substations and feeders',
  forecasts: 'Forecasts as issued, and forecasts on request',
  jobs: 'Work that takes longer than a request',
  models: 'Models in the registry, their import and federated learning',
  scenarios: 'What-ifs',
  accuracy: 'Accuracy in operation, and in backtests',
  measurements: 'Measured time series',
  annotations: 'Holidays, events, outages and switching',
  weather: 'Weather forecasts',
  exports: 'Bulk files',
  geo: 'OGC API Features',
  events: 'Webhooks',
  operation: 'Operator views',
  simulation: 'The simulated plant',
  desk: 'Devices, operator acts, areas and shifts',
  alarms: 'Alarms after ISA-18.2',
  access: 'Users, sessions, tokens and the audit log',
};

/** Makes the application describe its routes as OpenAPI; `app.swagger()` returns the document. */
export async function installDescription(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Loadstone',
        version: '1',
        description:
          'Planner API and operator views. Power is positive for consumption from the grid; times are RFC 3339.',
        contact: { name: 'The operator of this server' },
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
      },
      servers: [{ url: '/', description: 'This server, in production or in test', 'x-internal': false } as never],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description:
              'An API token (RFC 6750). Excel and QGIS send it with Basic, as the password of the user "token".',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'loadstone-session',
            description: 'Set by POST /v1/session. A request that changes something also sends x-csrf-token.',
          },
        },
      },
    },
    transformObject: (document) =>
      'openapiObject' in document ? complete(withFiles(document.openapiObject)) : document.swaggerObject,
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) => (typeof json['$id'] === 'string' ? json['$id'] : `def-${i}`),
    },
  });
}

/** Adds to every route of a scope what its own schema leaves out. */
export function describeRoutes(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    const described: FastifySchema & Readonly<Record<string, unknown>> = {
      ...route.schema,
      ...strictQuery(route.schema?.querystring),
      security: securityOf(route.config?.right),
      'x-right': route.config?.right,
      response: { ...(route.schema?.response as object | undefined), '4xx': { $ref: 'Problem#' } },
    };
    route.schema = described;
  });
}

/** Refuses unknown query parameters: silently ignoring one would answer a different question. */
const strictQuery = (querystring: unknown): { querystring?: object } =>
  typeof querystring === 'object' && querystring !== null
    ? { querystring: { additionalProperties: false, ...querystring } }
    : {};

function securityOf(right: Requirement | undefined): Readonly<Record<string, readonly string[]>>[] {
  if (right === undefined || right === 'public') return [];
  return right === 'session' ? [{ session: [] }] : [{ token: [] }, { session: [] }];
}
