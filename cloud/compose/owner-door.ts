import type { TimeBase } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { TlsMaterial } from '../api/app.ts';
import type { Health } from '../api/owner.ts';
import { hashed } from '../access/people-reader.ts';
import { mayRead, type Caller } from '../access/caller.ts';
import type { Region } from '../../shared/contracts/region.ts';
import { healthAnswer, PlainDoor, refusedAnswer, type PlainAnswer } from './plain-door.ts';

export interface OwnerDoorOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMaterial | undefined;
  readonly health: () => Promise<Health>;
  /** Text of the Prometheus metrics. */
  readonly metrics: () => Promise<string>;
  /** The holder of the token with this hash. */
  readonly callerOfTokenHash: (hash: string) => Caller | undefined;
  readonly region: Region;
  readonly onFailure: (error: unknown) => void;
  readonly time: TimeBase;
}

const LOOK_MS = 2000;
const ELSEWHERE = 'this process serves neither the page nor the API, because its roles lack api: use an api node';

/**
 * A server for an owner whose page and API are on other machines: it answers health, and metrics to a token that may read. Rejects with
 * LS-PORT-001 if the port is busy.
 */
export async function openOwnerDoor(options: OwnerDoorOptions) {
  const { host, port, tls, health, time, onFailure } = options;
  let found = await health();
  const timer = every(time, LOOK_MS, async () => {
    found = await health();
  });
  const door = await PlainDoor.open({
    host,
    port,
    tls,
    onFailure,
    answer: (path, authorization) => {
      if (path === '/metrics') return metricsAnswer(options, authorization);
      if (path !== '/health') return refusedAnswer('LS-API-009', ELSEWHERE);
      const ok = Object.values(found).every((part) => part === 'ok');
      return healthAnswer(ok, found);
    },
  });
  return {
    port: door.port,
    close: async (): Promise<void> => {
      timer.cancel();
      await door.close();
    },
  };
}

async function metricsAnswer(
  { metrics, callerOfTokenHash, region }: OwnerDoorOptions,
  authorization: string | undefined,
): Promise<PlainAnswer> {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  const caller = token === undefined ? undefined : callerOfTokenHash(hashed(token));
  if (caller === undefined) return refusedAnswer('LS-API-002', 'send Authorization: Bearer <token> with a known token');
  if (!caller.scopes.includes('planner:read'))
    return refusedAnswer('LS-API-003', `${caller.name} lacks the right planner:read`);
  if (!mayRead(region, caller, `region:${region.id}`))
    return refusedAnswer('LS-API-003', `${caller.name} may not read the whole region`);
  return { status: 200, type: 'text/plain; version=0.0.4', body: await metrics() };
}
