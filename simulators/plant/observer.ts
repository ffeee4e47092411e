import type { Values } from './device.ts';
import { WEATHER_DEVICE } from './meters.ts';
import type { PlantDevices } from './plant-devices.ts';
import type { PlantSpec } from './spec.ts';
import type { HeadTruth } from './truth.ts';
import type { Wires } from './wires.ts';

/** True values at each meter, by the id under which the gateway knows it. */
export class Observer {
  readonly #spec: PlantSpec;
  readonly #wires: Wires;
  readonly #devices: PlantDevices;
  readonly #stationBus: ReadonlyMap<string, string>;

  constructor(spec: PlantSpec, wires: Wires, devices: PlantDevices) {
    this.#spec = spec;
    this.#wires = wires;
    this.#devices = devices;
    const stations = spec.meters.filter(({ kind }) => kind === 'station');
    this.#stationBus = new Map(stations.map(({ device, element }) => [device, element]));
  }

  /** Undefined when nothing can be observed: an unknown id, or a gap in the weather record. */
  observe(id: string, timeMs: number): Values | undefined {
    const wires = this.#wires;
    if (id === 'transformer') return heads(wires.transformerTruth());
    const feeder = /^feeder-(\d+)$/.exec(id);
    if (feeder !== null) return heads(wires.headTruth(Number(feeder[1]) - 1));
    if (id === WEATHER_DEVICE) return this.#weather(timeMs);
    const { tap, byId } = this.#devices;
    if (id === tap?.id) return tap.values();
    const placed = byId.get(id);
    if (placed !== undefined) return { ...placed.device.values(), voltagePu: wires.solution.vmPu[placed.bus]! };
    const bus = wires.grid.busIndex.get(this.#stationBus.get(id) ?? '');
    if (bus === undefined) return undefined;
    const voltagePu = wires.solution.vmPu[bus]!;
    const live = voltagePu > 0 ? 1 : 0;
    return { activePowerKw: live * wires.p[bus]!, reactivePowerKvar: live * wires.q[bus]!, voltagePu };
  }

  /** The recorded weather of the interval that has just ended. */
  #weather(timeMs: number): Values | undefined {
    const { startMs, stepMs, radiationWm2, windSpeedMs, temperatureC } = this.#spec.inputs;
    const at = Math.floor((timeMs - startMs) / stepMs) - 1;
    const seen: Values = {};
    if (Number.isFinite(radiationWm2[at])) seen.radiationWm2 = radiationWm2[at]!;
    if (Number.isFinite(windSpeedMs[at])) seen.windSpeedMs = windSpeedMs[at]!;
    if (Number.isFinite(temperatureC[at])) seen.temperatureC = temperatureC[at]!;
    return Object.keys(seen).length === 0 ? undefined : seen;
  }
}

const heads = ({ activePowerKw, reactivePowerKvar, voltagePu, currentA }: HeadTruth): Values => ({
  activePowerKw,
  reactivePowerKvar,
  voltagePu,
  currentA,
});
