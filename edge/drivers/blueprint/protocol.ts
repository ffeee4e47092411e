import { setpointKeys } from '../../control/setpoint.ts';
import { checkReads, protocol, readMetrics, silentAfterS, type CommonSpec } from '../protocol.ts';
import type { Sign } from '../sign.ts';
import { BlueprintDriver } from './driver.ts';
import { blueprintDevice, blueprintMeter, type BlueprintRead, type BlueprintWrites } from './schema.ts';

export interface BlueprintSpec extends CommonSpec {
  readonly driver: 'blueprint';
  readonly topic: string;
  readonly sign: Sign;
  readonly read: BlueprintRead | undefined;
  readonly write: BlueprintWrites | undefined;
}

/** The smallest driver. To make a new one, copy its folder, rename it, and add the copy to the table. */
export const blueprint = protocol({
  name: 'blueprint',
  device: blueprintDevice,
  meter: blueprintMeter,

  check: checkReads,

  metrics: ({ read }) => readMetrics(read),

  staleAfterS: (source) => silentAfterS(source),

  topics(source) {
    const write = 'write' in source ? source.write : undefined;
    const writable = setpointKeys.filter((key) => write?.[key] !== undefined);
    return {
      publish: new Set(readMetrics(source.read).map((metric) => `${source.topic}/${metric}`)),
      subscribe: new Set(writable.map((key) => `${source.topic}/${key}/set`)),
    };
  },

  spec: (source) => ({
    topic: source.topic,
    sign: source.sign,
    read: source.read,
    write: 'write' in source ? source.write : undefined,
  }),

  create: (spec: BlueprintSpec, { bus, clock }) => new BlueprintDriver({ ...spec, bus, clock }),
});
