import type { Scope } from './callers/caller.ts';

/** What a route asks of its caller: a right, a session of his own, or nothing. */
export type Requirement = Scope | 'session' | 'public';

/**
 * Every route and what it needs; the roles that hold a right stand in cloud/access/roles.ts. A route without a row is not served:
 * the server refuses to start. HEAD goes by GET.
 */
export const ROUTE_RIGHTS: Readonly<Record<string, Requirement>> = {
  'GET /v1/session': 'public',
  'POST /v1/session': 'public',
  'DELETE /v1/session': 'session',
  'GET /v1/session/oidc': 'public',
  'GET /v1/session/oidc/callback': 'public',
  'PUT /v1/session/password': 'session',
  'GET /v1/tokens': 'session',
  'POST /v1/tokens': 'session',
  'DELETE /v1/tokens/:id': 'session',
  'GET /v1/users': 'access:write',
  'PUT /v1/users/:id': 'access:write',
  'DELETE /v1/users/:id': 'access:write',
  'POST /v1/users/:id/password': 'access:write',
  'GET /v1/audit': 'audit:read',
  'GET /v1/audit/export': 'audit:read',
  'GET /v1/audit/verdict': 'audit:read',

  'GET /v1/regions': 'planner:read',
  'GET /v1/regions/:id': 'planner:read',
  'GET /v1/substations': 'planner:read',
  'GET /v1/substations/:id': 'planner:read',
  'GET /v1/feeders': 'planner:read',
  'GET /v1/feeders/:id': 'planner:read',
  'GET /v1/substations/:id/forecast': 'planner:read',
  'GET /v1/feeders/:id/forecast': 'planner:read',
  'GET /v1/regions/:id/forecast': 'planner:read',
  'GET /v1/forecasts': 'planner:read',
  'GET /v1/forecasts/:id': 'planner:read',
  'POST /v1/forecasts': 'planner:write',
  'GET /v1/jobs/:id': 'planner:read',
  'DELETE /v1/jobs/:id': 'planner:write',
  'GET /v1/scenarios': 'planner:read',
  'GET /v1/scenarios/:id': 'planner:read',
  'POST /v1/scenarios': 'planner:write',
  'DELETE /v1/scenarios/:id': 'planner:write',
  'GET /v1/models': 'planner:read',
  'GET /v1/models/:id': 'planner:read',
  'GET /v1/measurements': 'planner:read',
  'POST /v1/measurements': 'planner:write',
  'GET /v1/weather': 'planner:read',
  'POST /v1/weather': 'planner:write',
  'GET /v1/annotations': 'planner:read',
  'GET /v1/annotations/:id': 'planner:read',
  'POST /v1/annotations': 'planner:write',
  'DELETE /v1/annotations/:id': 'planner:write',
  'POST /v1/forecasts/external': 'planner:write',
  'GET /v1/scorecards': 'planner:read',
  'POST /v1/exports': 'planner:write',
  'GET /v1/exports/:id': 'planner:read',
  'POST /v1/backtests': 'planner:write',
  'GET /v1/backtests/:id': 'planner:read',
  'GET /v1/backtests/:id/predictions': 'planner:read',

  'GET /v1/ogc': 'planner:read',
  'GET /v1/ogc/conformance': 'planner:read',
  'GET /v1/ogc/collections': 'planner:read',
  'GET /v1/ogc/collections/:collection': 'planner:read',
  'GET /v1/ogc/collections/:collection/items': 'planner:read',
  'GET /v1/ogc/collections/:collection/items/:id': 'planner:read',

  'GET /v1/view/region': 'planner:read',
  'GET /v1/view/feeders/:id': 'planner:read',
  'GET /v1/view/gateways': 'planner:read',
  'GET /v1/gateways': 'planner:read',
  'GET /v1/gateways/:id/completeness': 'planner:read',
  'GET /v1/quarantine': 'operate',
  'GET /v1/feeders/:id/plan': 'planner:read',
  'GET /v1/events': 'planner:read',
  'GET /v1/alarms': 'planner:read',
  'GET /v1/alarms/rules': 'planner:read',
  'GET /v1/alarms/figures': 'planner:read',
  'POST /v1/alarms/acknowledge': 'operate',
  'POST /v1/alarms/:id/shelve': 'operate',
  'POST /v1/alarms/:id/unshelve': 'operate',
  'PUT /v1/alarms/:id/out-of-service': 'operate',
  'DELETE /v1/alarms/:id/out-of-service': 'operate',
  'GET /v1/stream': 'planner:read',
  'GET /v1/devices': 'planner:read',
  'GET /v1/devices/:gateway/:device': 'planner:read',
  'GET /v1/devices/:gateway/:device/effect': 'planner:read',
  'POST /v1/devices/:gateway/:device/select': 'operate',
  'POST /v1/devices/:gateway/:device/operate': 'operate',
  'GET /v1/commands': 'planner:read',
  'GET /v1/commands/:id': 'planner:read',
  'GET /v1/overrides': 'planner:read',
  'POST /v1/overrides/:id/release': 'operate',
  'GET /v1/view/desk': 'planner:read',
  'POST /v1/acts': 'operate',
  'GET /v1/approvals': 'planner:read',
  'POST /v1/approvals/:id': 'operate',
  'POST /v1/simulation/events': 'operate',
  'GET /metrics': 'planner:read',

  'GET /openapi.json': 'public',
  'GET /': 'public',
  'GET /index.html': 'public',
  'GET /favicon.svg': 'public',
  'GET /login': 'public',
  'GET /substations/*': 'public',
  'GET /feeders/*': 'public',
  'GET /gateways': 'public',
  'GET /events': 'public',
  'GET /devices': 'public',
  'GET /overrides': 'public',
  'GET /desk': 'public',
  'GET /alarms': 'public',
  'GET /alarm-figures': 'public',
  'GET /users': 'public',
  'GET /audit': 'public',
  'GET /plan/*': 'public',
  'GET /forecast/*': 'public',
  'GET /scorecards/*': 'public',
};

/** Folders of the page's and the API page's own files: they carry no data. */
const PUBLIC_FOLDERS = ['/assets/', '/api/'];

/** What the route of a method and a pattern needs; undefined: it has no row. */
export function requirementOf(method: string, pattern: string): Requirement | undefined {
  const key = `${method === 'HEAD' ? 'GET' : method} ${pattern}`;
  if (Object.hasOwn(ROUTE_RIGHTS, key)) return ROUTE_RIGHTS[key];
  const isFile = key.startsWith('GET ') && PUBLIC_FOLDERS.some((folder) => `${pattern}/`.startsWith(folder));
  return isFile ? 'public' : undefined;
}
