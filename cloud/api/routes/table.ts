import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { actRoutes } from './acts.ts';
import { alarmRoutes } from './alarms.ts';
import { annotationRoutes } from './annotations.ts';
import { areaRoutes } from './areas.ts';
import { auditRoutes } from './audit.ts';
import { backtestRoutes } from './backtests.ts';
import { completenessRoute } from './completeness.ts';
import { deskRoutes } from './desk.ts';
import { eventRoutes } from './events.ts';
import { explanationRoutes } from './explanations.ts';
import { exportRoutes } from './exports.ts';
import { externalForecastRoute } from './external-forecasts.ts';
import { federatedRoutes } from './federated.ts';
import { forecastJobRoutes } from './forecast-jobs.ts';
import { incidentRoutes } from './incidents.ts';
import { jobRoutes } from './jobs.ts';
import { measurementRemovalRoute } from './measurement-removal.ts';
import { measurementUploadRoute } from './measurement-upload.ts';
import { measurementRoutes } from './measurements.ts';
import { modelImportRoute } from './model-import.ts';
import { modelRoutes } from './models.ts';
import { newestForecastRoutes } from './newest-forecast.ts';
import { notifyRoutes } from './notify.ts';
import { ogcRoutes } from './ogc.ts';
import { oidcRoutes } from './oidc.ts';
import { operationRoutes } from './operation.ts';
import { passkeyRoutes } from './passkeys.ts';
import { peopleRoutes } from './people.ts';
import { quarantineRoute } from './quarantine.ts';
import { registerRoutes } from './register.ts';
import { resourceRoutes } from './resources.ts';
import { scenarioRoutes } from './scenarios.ts';
import { scorecardRoutes } from './scorecards.ts';
import { sessionRoutes } from './session.ts';
import { shiftRoutes } from './shift.ts';
import { systemRoutes } from './system.ts';
import { trendRoutes } from './trends.ts';
import { vintageRoutes } from './vintages.ts';
import { weatherRoutes } from './weather.ts';
import { webhookRoutes } from './webhooks.ts';

/** Every module of routes. A route declares everything in one place: method, path, right, schemas and handler. */
export const ROUTES: readonly ((scope: FastifyInstance, deps: ApiDeps) => void)[] = [
  resourceRoutes,
  newestForecastRoutes,
  vintageRoutes,
  explanationRoutes,
  forecastJobRoutes,
  jobRoutes,
  modelRoutes,
  modelImportRoute,
  federatedRoutes,
  scenarioRoutes,
  scorecardRoutes,
  measurementRoutes,
  measurementUploadRoute,
  measurementRemovalRoute,
  trendRoutes,
  annotationRoutes,
  weatherRoutes,
  externalForecastRoute,
  backtestRoutes,
  exportRoutes,
  ogcRoutes,
  eventRoutes,
  webhookRoutes,
  operationRoutes,
  deskRoutes,
  actRoutes,
  areaRoutes,
  alarmRoutes,
  incidentRoutes,
  shiftRoutes,
  notifyRoutes,
  registerRoutes,
  completenessRoute,
  quarantineRoute,
  systemRoutes,
  sessionRoutes,
  oidcRoutes,
  peopleRoutes,
  passkeyRoutes,
  auditRoutes,
];
