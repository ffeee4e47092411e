import { healthAnswer, PlainDoor, refusedAnswer, type PlainDoorOptions } from './plain-door.ts';

export interface StandbyDoorOptions extends Omit<PlainDoorOptions, 'answer'> {
  /** Why this cloud stands by, and whether it could take over. */
  readonly standing: () => { readonly ok: boolean; readonly why: string };
}

/**
 * What a cloud that stands by answers at the port of page and API: whether it could take over, and to all else who is to be asked. So whatever watches
 * over the machine leaves it alone, and a proxy in front of both goes to the other. LS-PORT-001 where the port is busy.
 */
export function openStandbyDoor({ standing, ...place }: StandbyDoorOptions): Promise<PlainDoor> {
  return PlainDoor.open({
    ...place,
    answer: (path) => {
      const { ok, why } = standing();
      const told = `stands by: ${why}`;
      if (path === '/health') return healthAnswer(ok, { standby: told });
      if (path === '/metrics') return { status: 200, type: 'text/plain; version=0.0.4', body: METRICS };
      return refusedAnswer('LS-STANDBY-001', told);
    },
  });
}

const METRICS =
  '# HELP loadstone_standby 1: this cloud stands by\n# TYPE loadstone_standby gauge\nloadstone_standby 1\n';
