import type { Driver } from '../driver.ts';
import type { CommonSpec, DriverResources, LineUnit } from '../protocol.ts';
import type { SetpointKey } from '../../control/setpoint.ts';
import type { WriteTiming } from '../setpoint-writer.ts';
import type { Sign } from '../sign.ts';
import { ModbusDriver } from './modbus-driver.ts';
import type { FindMap } from './profile.ts';

export interface Connection extends LineUnit {
  readonly pollMs: number;
  readonly timeoutMs: number;
  readonly silentAtNight: boolean;
}

interface AskedSpec extends CommonSpec {
  readonly sign: Sign | undefined;
  readonly connection: Connection;
  readonly write: Readonly<Partial<Record<SetpointKey, WriteTiming & { readonly revertAfterS: number }>>> | undefined;
}

interface Map {
  readonly findMap: FindMap;
  readonly staleAfterS: number;
}

const REST_MS = 60_000;
const NIGHT_REST_MS = 300_000;

/** Creates the driver of a device that is polled; `findMap` says what its registers mean. */
export function asked(spec: AskedSpec, { lines, clock }: DriverResources, { findMap, staleAfterS }: Map): Driver {
  const { connection, sign, ratedKw, spans, write } = spec;
  const { unitId, pollMs, timeoutMs, silentAtNight } = connection;
  const driver = new ModbusDriver({
    line: lines.line(connection),
    unitId,
    pollMs,
    timeoutMs,
    longestRestMs: silentAtNight ? NIGHT_REST_MS : REST_MS,
    findMap,
    sign,
    ratedKw,
    spans,
    write: write ?? {},
    staleAfterS,
    clock,
  });
  lines.add(driver);
  return driver;
}
