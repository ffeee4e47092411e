import type { Clock } from '../../../shared/time/clock.ts';
import { rtuFraming, serialFraming, tcpFraming } from './framing.ts';
import { ModbusLine } from './line.ts';
import { nameOf, type OpenWire, type SerialAddress, type WireAddress } from './wire.ts';

/** A configured connection: to a host, or to a serial port. */
export interface LineAddress {
  readonly host?: string | undefined;
  readonly port: number;
  readonly framing: 'tcp' | 'rtu';
  readonly serial?: string | undefined;
  readonly baud?: number | undefined;
  readonly parity?: SerialAddress['parity'] | undefined;
  readonly stopBits?: SerialAddress['stopBits'] | undefined;
}

/** Wire address of a connection. Without parity there is a second stop bit (Modbus over Serial Line V1.02, 2.5.1). */
export function wireAddress({
  host,
  port,
  serial,
  baud = 19_200,
  parity = 'even',
  stopBits,
}: LineAddress): WireAddress {
  if (serial === undefined) return { host: host ?? '', port };
  return { serial, baud, parity, stopBits: stopBits ?? (parity === 'none' ? 2 : 1) };
}

/** A driver with its own connection. */
interface Runs {
  start(): void;
  stop(): void | Promise<void>;
}

/** The lines to polled devices: one per address, shared by the units behind it. Started and stopped together. */
export class FieldLines {
  readonly #openWire: OpenWire;
  readonly #clock: Clock;
  readonly #lines = new Map<string, ModbusLine>();
  readonly #drivers: Runs[] = [];

  constructor(openWire: OpenWire, clock: Clock) {
    this.#openWire = openWire;
    this.#clock = clock;
  }

  line(connection: LineAddress): ModbusLine {
    const address = wireAddress(connection);
    const { framing } = connection;
    const key = `${'serial' in address ? 'serial' : framing} ${nameOf(address)}`;
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line = new ModbusLine({
      address,
      framing: 'serial' in address ? serialFraming(address.baud) : framing === 'rtu' ? rtuFraming : tcpFraming,
      openWire: this.#openWire,
      clock: this.#clock,
    });
    this.#lines.set(key, line);
    return line;
  }

  add(driver: Runs): void {
    this.#drivers.push(driver);
  }

  open(): void {
    for (const driver of this.#drivers) driver.start();
  }

  async close(): Promise<void> {
    const stops = this.#drivers.map(async (driver) => driver.stop());
    for (const line of this.#lines.values()) line.close();
    await Promise.all(stops);
  }
}
