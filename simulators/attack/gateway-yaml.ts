import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { identityFiles } from '../../edge/uplink/identity-files.ts';
import type { SigningKey } from '../../shared/codec/signed-document.ts';

/** Users of the local broker, one per device or meter. */
export const DEVICES = ['head', 'battery', 'charger'] as const;
export const devicePassword = (name: string): string => `secret of the ${name}`;
export const BATTERY_KW = 100;

interface GatewayFiles {
  readonly id: string;
  readonly substation: string;
  readonly url: string;
  /** Key and certificate; '' if it has none yet. */
  readonly pem: string;
  readonly roots: string;
  readonly keys: readonly SigningKey[];
  readonly userLines: readonly string[];
}

/**
 * Writes the configuration and identity of a small gateway: a meter, a battery and a charging site at its local broker. Returns the path of
 * the configuration.
 */
export async function gatewayYaml(folder: string, files: GatewayFiles): Promise<string> {
  const identity = join(folder, 'identity');
  mkdirSync(identity, { recursive: true });
  if (files.pem !== '') {
    const names = identityFiles(identity);
    writeFileSync(names.gateway, files.pem, { mode: 0o600 });
    writeFileSync(names.roots, files.roots);
    writeFileSync(names.keys, JSON.stringify({ keys: files.keys }));
  }
  const users = join(folder, 'devices.htpasswd');
  writeFileSync(users, `${files.userLines.join('\n')}\n`, { mode: 0o600 });
  const config = join(folder, 'gateway.yaml');
  writeFileSync(config, stringify(configOf(folder, identity, users, files)));
  return config;
}

const configOf = (
  folder: string,
  identity: string,
  userFile: string,
  { id, substation, url }: GatewayFiles,
): object => ({
  gateway: { id, group: 'north', substation },
  mode: 'automatic',
  uplink: { url, identity, heartbeat: { intervalS: 60, lostAfterS: 4 }, report: { healthS: 1 } },
  journal: { path: join(folder, 'journal') },
  socket: { path: join(folder, 'gateway.sock') },
  localBroker: { listen: '127.0.0.1:0', userFile },
  guarded: [
    {
      id: 'transformer',
      ratedKva: 1000,
      meter: { driver: 'mqtt', user: 'head', read: { activePowerKw: { topic: 'head/p' }, staleAfterS: 600 } },
      limits: { importKw: 600, exportKw: 400 },
      failsafe: { importKw: 250, exportKw: 100, minimumHours: 1 },
    },
  ],
  devices: [
    {
      id: 'battery-1',
      type: 'battery',
      driver: 'mqtt',
      user: 'battery',
      ratings: { chargeKw: BATTERY_KW, dischargeKw: BATTERY_KW, capacityKwh: 200 },
      read: { activePowerKw: { topic: 'battery/p' }, socPct: { topic: 'battery/soc' }, staleAfterS: 600 },
      write: { activePowerKw: { topic: 'battery/set' } },
      safeDefault: { activePowerKw: 0 },
    },
    {
      id: 'ev-1',
      type: 'ev-site',
      driver: 'mqtt',
      user: 'charger',
      ratings: { activePowerKw: 80 },
      read: { activePowerKw: { topic: 'charger/p' }, staleAfterS: 600 },
      write: { activePowerLimitKw: { topic: 'charger/set' } },
      safeDefault: { activePowerLimitKw: 20 },
    },
  ],
});
