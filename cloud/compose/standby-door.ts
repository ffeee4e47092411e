import { healthAnswer, PlainDoor, refusedAnswer, type PlainDoorOptions } from './plain-door.ts';

export interface StandbyDoorOptions extends Omit<PlainDoorOptions, 'answer'> {
  /** Why this cloud stands by, and whether it could take over. */
  readonly standing: () => { readonly ok: boolean; readonly why: string };
}

/**
 * The standby's server at the port of page and API: /health tells whether it could take over, everything else is refused with the reason.
 * Monitoring then leaves it alone, and a proxy in front of both uses the other. Rejects with LS-PORT-001 if the port is busy.
 */
export function openStandbyDoor({ standing, ...place }: StandbyDoorOptions): Promise<PlainDoor> {
  return PlainDoor.open({
    ...place,
    answer: (path) => {
      const { ok, why } = standing();
      const status = `stands by: ${why}`;
      if (path === '/health') return healthAnswer(ok, { standby: status });
      if (path === '/metrics') return { status: 200, type: 'text/plain; version=0.0.4', body: METRICS };
      return refusedAnswer('LS-STANDBY-001', status);
    },
  });
}

const METRICS =
  '# HELP loadstone_standby 1: this cloud is a standby\n# TYPE loadstone_standby gauge\nloadstone_standby 1\n';
