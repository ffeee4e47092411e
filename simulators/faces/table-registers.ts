import { encode } from '../../edge/drivers/modbus/registers.ts';
import { metrics, type Metric } from '../../shared/contracts/frame.ts';
import type { Values } from '../plant/device.ts';
import { setpointKeys, type DeviceCommand } from '../plant/setpoints.ts';
import { tableCommand, tableRegister } from './field-units.ts';
import type { Exception, Registers } from './modbus-unit.ts';

const NAN_WORDS = [0x7ff8, 0, 0, 0];

/** A device with its maker's own registers, laid out as in `field-units`. */
export class TableRegisters implements Registers {
  readonly #words = new Map<number, number>();
  readonly #onCommand: (command: DeviceCommand) => void;

  constructor(onCommand: (command: DeviceCommand) => void) {
    this.#onCommand = onCommand;
    for (const metric of Object.keys(metrics) as Metric[]) this.#put(tableRegister(metric), NAN_WORDS);
    for (const key of setpointKeys) this.#put(tableCommand(key).revert, [0, ...NAN_WORDS]);
  }

  show(values: Values): void {
    for (const [metric, value] of Object.entries(values) as [Metric, number][])
      this.#put(tableRegister(metric), encode('float64', value) ?? NAN_WORDS);
  }

  read(address: number): number | undefined {
    return this.#words.get(address);
  }

  /** Writing the value triggers the setpoint, with the revert time from the register before it. */
  write(address: number, words: readonly number[]): Exception | undefined {
    const key = setpointKeys.find((each) => {
      const { revert, value } = tableCommand(each);
      return (address === revert && words.length === 1) || (address === value && words.length === 4);
    });
    if (key === undefined) return 2;
    this.#put(address, words);
    const { revert, value } = tableCommand(key);
    if (address !== value) return undefined;
    const view = new DataView(new ArrayBuffer(8));
    for (const [at, word] of words.entries()) view.setUint16(2 * at, word);
    const wanted = view.getFloat64(0);
    if (!Number.isFinite(wanted)) return 3;
    this.#onCommand({ [key]: wanted, revertAfterS: Math.max(1, this.#words.get(revert)!) });
    return undefined;
  }

  #put(address: number, words: readonly number[]): void {
    for (const [at, word] of words.entries()) this.#words.set(address + at, word);
  }
}
