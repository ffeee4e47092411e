import { join } from 'node:path';
import { MqttLink } from '../../edge/uplink/mqtt-link.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { DeviceLinks } from '../faces/device-links.ts';
import type { StagedGateway } from './stage.ts';

export interface LineOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly reconnectS: readonly [number, number];
  readonly onFailure: (error: unknown) => void;
}

/** The devices of a gateway at its local broker, each with its own connection and user. */
export function deviceLines(
  { id, localPort, devices: { users, passwords } }: Pick<StagedGateway, 'id' | 'localPort' | 'devices'>,
  { seed, ...options }: LineOptions,
): DeviceLinks {
  const link = (user: string): MqttLink =>
    new MqttLink({
      ...options,
      url: `mqtt://127.0.0.1:${localPort}`,
      username: user,
      passwordFile: join(passwords, user),
      keepAliveS: 30,
      random: new SeededRandom(seed, `faces/${id}/${user}`),
    });
  return new DeviceLinks(new Map(users.map((user) => [user, link(user)])));
}
