import { after } from 'node:test';
import type { InjectOptions } from 'fastify';
import { csrfOf } from '../../access/people.ts';
import { RIGHTS, type Role } from '../../access/roles.ts';
import { buildApi } from '../app.ts';
import { cookieName } from '../callers/credentials.ts';
import { fixtureDeps, memoryAudit, openedPeople } from './api-fixture.ts';

export const ROLES = Object.keys(RIGHTS) as Role[];
const HOST = 'localhost:8080';
export const ORIGIN = `http://${HOST}`;

export const spike = { kind: 'spike', feeder: 'owd-1', percent: 30, durationS: 300 };
export const SPIKE = { method: 'POST', url: '/v1/simulation/events', payload: spike } as const;

/** The application without guests, with a user of each role and one for the area of OWD. */
export async function roleRig(overrides: Parameters<typeof fixtureDeps>[0] = {}) {
  const { people = openedPeople() } = overrides;
  const audit = memoryAudit();
  const deps = fixtureDeps({ people, audit, guests: false, ...overrides });
  const api = await buildApi(deps);
  after(() => api.app.close());
  for (const role of ROLES) await people.ensureUser({ name: role, roles: [role], areas: '*' }, `${role}-password`);
  await people.ensureUser({ name: 'owd', roles: ['operator'], areas: ['substation:owd'] }, 'owd-password');
  const ask = (request: InjectOptions) => api.app.inject({ ...request, headers: { host: HOST, ...request.headers } });
  const signIn = async (user: string) => {
    const session = await people.signIn(user, `${user}-password`);
    const cookie = `${cookieName(deps)}=${session}`;
    return { headers: { cookie, origin: ORIGIN, 'x-csrf-token': csrfOf(session) } };
  };
  return { ...api, deps, people, audit, ask, signIn };
}
