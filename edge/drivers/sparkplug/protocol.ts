import type { RefuseConfig } from '../../../shared/config/read-config.ts';
import { BD_SEQ_METRIC } from '../../../shared/codec/sparkplug-types.ts';
import { sparkplugFilters } from '../../../shared/topics/topics.ts';
import { checkReads, protocol, readBack, readMetrics, silentAfterS, type CommonSpec } from '../protocol.ts';
import type { Sign } from '../sign.ts';
import {
  SPARKPLUG_SILENT_S,
  sparkplugDevice,
  sparkplugMeter,
  type SparkplugRead,
  type SparkplugWrite,
  type SparkplugWrites,
} from './schema.ts';

export interface SparkplugSpec extends CommonSpec {
  readonly driver: 'sparkplug';
  readonly sign: Sign;
  readonly connection: { readonly group: string; readonly node: string; readonly device?: string | undefined };
  readonly read: SparkplugRead | undefined;
  readonly write: SparkplugWrites | undefined;
  readonly staleAfterS: number;
}

/** Births name everything a node has, which may be thousands of metrics. */
const BIRTH_BYTES = 262_144;

/** Controls of an edge node (Sparkplug B 3.0, 6.4.5), such as rebirth and reboot. */
const CONTROL = /^(Node|Device) Control\//;

function checkCommanded({ metric, scale }: SparkplugWrite, path: string, refuse: RefuseConfig): void {
  if (CONTROL.test(metric) || metric === BD_SEQ_METRIC)
    refuse(
      `${path}/metric`,
      'LS-CONFIG-002',
      `is "${metric}", which controls the node; give a metric that sets a value`,
    );
  if (scale === 0)
    refuse(`${path}/scale`, 'LS-CONFIG-002', 'is 0, so every setpoint would be 0; give the factor to the metric');
}

/** A Sparkplug B edge node at the local broker, or a device behind one. */
export const sparkplug = protocol({
  name: 'sparkplug',
  device: sparkplugDevice,
  meter: sparkplugMeter,
  packetBytes: BIRTH_BYTES,

  check(source, path, refuse) {
    checkReads(source, path, refuse);
    const write = 'write' in source ? source.write : undefined;
    for (const [key, each] of Object.entries(write ?? {})) checkCommanded(each, `${path}/write/${key}`, refuse);
  },

  metrics: (source) => [...new Set([...readMetrics(source.read), ...readBack(source)])],

  staleAfterS: (source) => silentAfterS(source, SPARKPLUG_SILENT_S),

  topics(source) {
    const { group, node } = 'connection' in source ? source.connection : source;
    const commands = [`spBv1.0/${group}/NCMD/${node}`, `spBv1.0/${group}/DCMD/${node}`];
    return {
      publish: new Set(sparkplugFilters(group, node)),
      subscribe: new Set(commands.flatMap((command) => [command, `${command}/+`, `${command}/#`])),
    };
  },

  spec: (source) => ({
    sign: source.sign,
    connection: 'connection' in source ? source.connection : source,
    read: source.read,
    write: 'write' in source ? source.write : undefined,
    staleAfterS: silentAfterS(source, SPARKPLUG_SILENT_S),
  }),

  create(spec: SparkplugSpec, { host }) {
    if (host === undefined) throw new Error(`${spec.id} is a Sparkplug device, but there is no Sparkplug host`);
    return host.driver(spec);
  },
});
