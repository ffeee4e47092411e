import { metrics } from '../../shared/contracts/frame.ts';
import type { DeviceConfig, GatewayConfig, GuardedConfig } from './schema.ts';
import type { SetpointMetric } from './signals.ts';

type MeterConfig = GuardedConfig['meter'];

const SILENT_S = 5;
const MEASURED = ['activePowerKw', 'reactivePowerKvar', 'voltagePu', 'currentA'] as const;
/** What a SunSpec device reads back of a setpoint. */
const readbacks = {
  activePowerKw: 'activePowerSetpointKw',
  reactivePowerKvar: 'reactivePowerSetpointKvar',
  activePowerLimitKw: 'activePowerLimitKw',
  voltageTargetPu: 'voltageTargetPu',
  capacitorStep: 'capacitorStep',
} as const;

/** The metrics that a device or meter may report, for its birth. */
export function metricsOf(source: DeviceConfig | MeterConfig): string[] {
  if (source.driver === 'sunspec') {
    const type = 'type' in source ? source.type : 'meter';
    const own = type === 'battery' ? ['socPct'] : type === 'pv-inverter' ? ['availableKw'] : [];
    const written = 'write' in source ? Object.keys(source.write ?? {}) : [];
    return [...MEASURED, ...own, ...written.map((key) => readbacks[key as keyof typeof readbacks])];
  }
  if (source.driver === 'ocpp')
    return ['activePowerKw', 'wishedKw', 'sessions', 'activePowerLimitKw', 'voltagePu', 'energyDueKwh', 'deadlineMs'];
  return Object.keys(source.read ?? {}).filter((key) => Object.hasOwn(metrics, key));
}

/** What of a device is commanded, by metric; undefined: nothing. */
export const writesOf = ({ write }: DeviceConfig): Readonly<Partial<Record<SetpointMetric, object>>> | undefined =>
  write;

/** Without a value for so long, in seconds, it counts as silent. */
export function staleAfterSOf(source: DeviceConfig | MeterConfig): number {
  if ('staleAfterS' in source && source.staleAfterS !== undefined) return source.staleAfterS;
  if (source.driver === 'mqtt' || source.driver === 'modbus') return source.read?.staleAfterS ?? SILENT_S;
  return 'connection' in source ? source.connection.staleAfterS : SILENT_S;
}

/** Topics on which devices may publish at the local broker, and those that they may hear. */
export function topicsOf(config: GatewayConfig): { publish: Set<string>; subscribe: Set<string> } {
  const publish = new Set<string>();
  const subscribe = new Set<string>();
  for (const source of [...config.guarded.map(({ meter }) => meter), ...config.devices]) {
    if (source.driver !== 'mqtt') continue;
    for (const signal of Object.values(source.read ?? {})) if (typeof signal === 'object') publish.add(signal.topic);
    const writes = 'write' in source ? Object.values(source.write ?? {}) : [];
    for (const { topic } of writes) subscribe.add(topic);
  }
  return { publish, subscribe };
}
