import type { TimeBase } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { TlsMaterial } from '../api/app.ts';
import type { Health } from '../api/owner.ts';
import { healthAnswer, PlainDoor, refusedAnswer } from './plain-door.ts';

export interface OwnerDoorOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMaterial | undefined;
  readonly health: () => Promise<Health>;
  readonly time: TimeBase;
}

const LOOK_MS = 2000;
const ELSEWHERE = 'this process serves neither the page nor the API, because its roles lack api: use an api node';

/** A server for an owner whose page and API are on other machines: it answers only health. Rejects with LS-PORT-001 if the port is busy. */
export async function openOwnerDoor({ host, port, tls, health, time }: OwnerDoorOptions) {
  let found = await health();
  const timer = every(time, LOOK_MS, async () => {
    found = await health();
  });
  const door = await PlainDoor.open({
    host,
    port,
    tls,
    answer: (path) => {
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
