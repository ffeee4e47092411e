import type { Plant } from '../plant/plant.ts';
import type { DeviceCommand } from '../plant/setpoints.ts';
import type { PlantSpec } from '../plant/spec.ts';
import { fieldUnit } from './field-units.ts';
import { ModbusServer } from './modbus-server.ts';
import type { Registers } from './modbus-unit.ts';
import { inverterFace, meterFace, storageFace, type FieldFace } from './sunspec-faces.ts';
import { TableRegisters } from './table-registers.ts';

/** The devices and meters of one substation on Modbus TCP: one address, one unit each. */
export class FieldFaces {
  readonly #plant: Plant;
  readonly #faces = new Map<string, FieldFace>();
  readonly #server: ModbusServer;
  #taken = 0;

  constructor(plant: Plant, spec: PlantSpec) {
    this.#plant = plant;
    const units = new Map<number, Registers>();
    for (const device of ['transformer', 'feeder-1', 'feeder-2', ...spec.devices.map(({ id }) => id)]) {
      const unit = fieldUnit(device);
      const face = this.#faceOf(device, spec);
      if (unit === undefined || face === undefined) continue;
      this.#faces.set(device, face);
      units.set(unit.unitId, face.registers);
    }
    this.#server = new ModbusServer(units);
  }

  /** Port 0 picks a free port; returns the port. */
  start(port: number): Promise<number> {
    return this.#server.start(port);
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Setpoints accepted by the plant. */
  get taken(): number {
    return this.#taken;
  }

  /** Runs after each step of the plant: writes the meters' readings to the registers. */
  show(): void {
    for (const { device, values } of this.#plant.readings()) this.#faces.get(device)?.show(values);
  }

  #faceOf(device: string, spec: PlantSpec): FieldFace | undefined {
    const serial = `${spec.id}-${device}`;
    const obey = (command: DeviceCommand): void => {
      if (this.#plant.command(device, command).ok) this.#taken++;
    };
    const own = spec.devices.find(({ id }) => id === device);
    switch (own?.type) {
      case 'pv-inverter':
        return inverterFace(serial, own, obey);
      case 'battery':
        return storageFace(serial, own, obey);
      case 'ev-site':
      case 'flexible-load': {
        const registers = new TableRegisters(obey);
        return { registers, show: (values) => registers.show(values) };
      }
      case 'tap-changer':
      case 'capacitor-bank':
        return undefined;
      case undefined:
        return meterFace(serial);
    }
  }
}
