import type { Sign } from '../sign.ts';
import { checkReads, protocol, readMetrics, silentAfterS, type CommonSpec } from '../protocol.ts';
import { MqttDriver } from './mqtt-driver.ts';
import { mqttDevice, mqttMeter, type MqttRead, type MqttWrites } from './schema.ts';

export interface MqttSpec extends CommonSpec {
  readonly driver: 'mqtt';
  readonly sign: Sign;
  readonly read: MqttRead | undefined;
  readonly write: MqttWrites | undefined;
}

const topicsOf = (list: readonly { readonly topic: string }[]): Set<string> => new Set(list.map(({ topic }) => topic));

/** A device that publishes JSON at the local broker. */
export const mqtt = protocol({
  name: 'mqtt',
  device: mqttDevice,
  meter: mqttMeter,

  check(source, path, refuse) {
    checkReads(source, path, refuse);
    const write = 'write' in source ? source.write : undefined;
    for (const [metric, { template }] of Object.entries(write ?? {})) {
      if (template.includes('${value}')) continue;
      refuse(`${path}/write/${metric}/template`, 'LS-CONFIG-002', 'lacks ${value}, where the setpoint is filled in');
    }
  },

  metrics: ({ read }) => readMetrics(read),

  staleAfterS: (source) => silentAfterS(source),

  topics(source) {
    const signals = Object.values(source.read ?? {}).filter((signal) => typeof signal === 'object');
    const writes = 'write' in source ? Object.values(source.write ?? {}) : [];
    return { publish: topicsOf(signals), subscribe: topicsOf(writes) };
  },

  spec: (source) => ({ sign: source.sign, read: source.read, write: 'write' in source ? source.write : undefined }),

  create: (spec: MqttSpec, { bus, clock }) => new MqttDriver({ ...spec, bus, clock }),
});
