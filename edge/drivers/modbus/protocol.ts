import type { Static } from 'typebox';
import type { RefuseConfig } from '../../../shared/config/read-config.ts';
import { checkReads, protocol, readMetrics, silentAfterS, type CommonSpec } from '../protocol.ts';
import type { Sign } from '../sign.ts';
import { asked, type Connection } from './asked.ts';
import { findRegisters } from './register-map.ts';
import { wordsOf } from './registers.ts';
import { modbusDevice, modbusMeter, type RegisterRead, type RegisterSessions, type RegisterWrites } from './schema.ts';

export interface ModbusSpec extends CommonSpec {
  readonly driver: 'modbus';
  readonly sign: Sign;
  readonly connection: Connection & { readonly gap: number };
  readonly read: RegisterRead | undefined;
  readonly write: Static<typeof RegisterWrites> | undefined;
}

const LAST_REGISTER = 65_535;

/** Checks that the last charger's registers are within the address range. */
function checkSessions(sessions: RegisterSessions, path: string, refuse: RefuseConfig): void {
  const { chargers, stride, ...signals } = sessions;
  for (const [key, { register, type }] of Object.entries(signals)) {
    const last = register + (chargers - 1) * stride + wordsOf(type) - 1;
    if (last > LAST_REGISTER) {
      const why = `would be at ${last} for charger ${chargers}, beyond the last register ${LAST_REGISTER}`;
      return refuse(`${path}/${key}`, 'LS-CONFIG-002', `${why}; give fewer chargers or a smaller stride`);
    }
  }
}

/** A device over Modbus with a configured register table. */
export const modbus = protocol({
  name: 'modbus',
  device: modbusDevice,
  meter: modbusMeter,

  check(source, path, refuse) {
    const write = 'write' in source ? source.write : undefined;
    if ('connection' in source && source.read?.sessionList !== undefined)
      checkSessions(source.read.sessionList, `${path}/read/sessionList`, refuse);
    checkReads(source, path, refuse);
    for (const [metric, { single, type }] of Object.entries(write ?? {})) {
      if (!single || wordsOf(type) === 1) continue;
      const why = `is for a single register, but ${type} takes ${wordsOf(type)}; leave it out, or give int16 or uint16`;
      refuse(`${path}/write/${metric}/single`, 'LS-CONFIG-002', why);
    }
  },

  metrics: ({ read }) => readMetrics(read),

  staleAfterS: (source) => silentAfterS(source),

  line: (source) => ('connection' in source ? source.connection : source),

  spec: (source) => ({
    sign: source.sign,
    connection: 'connection' in source ? source.connection : source,
    read: source.read,
    write: 'write' in source ? source.write : undefined,
  }),

  create(spec: ModbusSpec, resources) {
    const { staleAfterS, sessionList, ...read } = spec.read ?? { staleAfterS: 0, sessionList: undefined };
    const { gap } = spec.connection;
    const findMap = findRegisters({ read, sessionList, write: spec.write ?? {}, gap });
    return asked(spec, resources, { findMap, staleAfterS });
  },
});
