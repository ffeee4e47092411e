import type { Clock } from '../../../shared/time/clock.ts';
import { rtuFraming, tcpFraming } from './framing.ts';
import { ModbusLine } from './line.ts';
import type { OpenWire } from './wire.ts';

export interface LineAddress {
  readonly host: string;
  readonly port: number;
  readonly framing: 'tcp' | 'rtu';
}

/** A driver that has a connection of its own. */
interface Runs {
  start(): void;
  stop(): void | Promise<void>;
}

/** The lines to devices that are asked: one per address, shared by the units behind it. Started and stopped together. */
export class FieldLines {
  readonly #openWire: OpenWire;
  readonly #clock: Clock;
  readonly #lines = new Map<string, ModbusLine>();
  readonly #drivers: Runs[] = [];

  constructor(openWire: OpenWire, clock: Clock) {
    this.#openWire = openWire;
    this.#clock = clock;
  }

  line({ host, port, framing }: LineAddress): ModbusLine {
    const key = `${framing} ${host}:${port}`;
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line = new ModbusLine({
      address: { host, port },
      framing: framing === 'rtu' ? rtuFraming : tcpFraming,
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
