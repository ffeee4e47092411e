import type { Static } from 'typebox';
import { setpointKeys, type Setpoint } from '../../control/setpoint.ts';
import { asked, type Connection } from '../modbus/asked.ts';
import { protocol, readBack, SILENT_S, type CommonSpec } from '../protocol.ts';
import { turn, type Sign } from '../sign.ts';
import { sunspecDevice, sunspecMeter, type Models, type TimedWrites } from './schema.ts';
import { findSunspec } from './sunspec-map.ts';

export interface SunspecSpec extends CommonSpec {
  readonly driver: 'sunspec';
  readonly sign: Sign | undefined;
  readonly connection: Connection & { readonly nominalV: number };
  readonly models: Static<typeof Models>;
  readonly write: Static<typeof TimedWrites> | undefined;
}

const MEASURED = ['activePowerKw', 'reactivePowerKvar', 'voltagePu', 'currentA'] as const;

/** A SunSpec device over Modbus; a scan finds its models. */
export const sunspec = protocol({
  name: 'sunspec',
  device: sunspecDevice,
  meter: sunspecMeter,

  metrics(source) {
    const type = 'type' in source ? source.type : 'meter';
    const own = type === 'battery' ? ['socPct'] : type === 'pv-inverter' ? ['availableKw'] : [];
    return [...MEASURED, ...own, ...readBack(source)];
  },

  staleAfterS: (source) => ('connection' in source ? source.connection.staleAfterS : (source.staleAfterS ?? SILENT_S)),

  line: (source) => ('connection' in source ? source.connection : source),

  spec: (source) => ({
    sign: source.sign,
    connection: 'connection' in source ? source.connection : source,
    models: source.models,
    write: 'write' in source ? source.write : undefined,
  }),

  create: (spec: SunspecSpec, resources) =>
    asked(spec, resources, { findMap: findSunspec(mapOptions(spec)), staleAfterS: 0 }),
});

function mapOptions({ models, connection, write, safeDefault, sign, gridCode }: SunspecSpec) {
  const keys = setpointKeys.filter((key) => write?.[key] !== undefined);
  const own = setpointKeys.flatMap((key) => {
    const value = safeDefault[key];
    return value === undefined ? [] : [[key, turn(sign ?? 'generation-positive', key, value)]];
  });
  return {
    models,
    nominalV: connection.nominalV,
    keys: new Set(keys),
    revertTo: Object.fromEntries(own) as Setpoint,
    gridCode,
  };
}
