import { randomBytes } from 'node:crypto';
import { SeededRandom } from '../../shared/ports/random.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { childTrainer } from '../federated/child-trainer.ts';
import { NodeDisk } from '../journal/node-disk.ts';
import type { Uplink } from './channel.ts';
import type { UplinkConfig } from './config.ts';
import { MqttLink } from './mqtt-link.ts';
import { Renewal } from './renewal.ts';
import { UplinkCore } from './uplink-core.ts';

export interface UplinkParts {
  readonly config: UplinkConfig;
  readonly clock: Clock;
  readonly seed: number;
  readonly onFailure: (error: unknown) => void;
}

/** The uplink with mqtt.js, the real disk and clock, around the same core as on virtual time; it runs in the calling thread. */
export function composeUplink({ config, clock, seed, onFailure }: UplinkParts): Uplink {
  const random = new SeededRandom(seed, config.gateway);
  const core = new UplinkCore(config, {
    clock,
    link: new MqttLink({ ...config, clock, random, onFailure }),
    disk: new NodeDisk(config.journal.path),
    random,
    nonce: () => randomBytes(16).toString('hex'),
    trainer: childTrainer(clock.machine),
  });
  const { identity } = config;
  const renewal =
    identity === undefined
      ? undefined
      : new Renewal({
          ...config,
          url: config.authority ?? config.url,
          identity,
          time: clock.machine,
          onFault: onFailure,
        });
  return {
    start: (handler) => {
      renewal?.start();
      return core.start((message) => {
        if (message.kind === 'heartbeat') renewal?.heard(message.time);
        handler(message);
      });
    },
    send: (message) => core.send(message),
    stop: () => {
      renewal?.stop();
      return core.stop();
    },
  };
}
