import type { Region } from '../../shared/contracts/region.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** One area: a substation's own equipment, or a feeder. */
export interface AreaUnit {
  readonly target: string;
  readonly substation: string;
  readonly name: string;
}

/** The areas of a region, and those that each target consists of. */
export class AreaUnits {
  readonly all: readonly AreaUnit[];
  readonly #parts = new Map<string, readonly string[]>();

  constructor(region: Region) {
    const units: AreaUnit[] = [];
    for (const { id, name, gateway, network, devices } of region.substations) {
      const station = `substation:${id}`;
      const feeders = network.feeders.map((feeder) => ({
        target: `feeder:${feeder.id}`,
        substation: id,
        name: feeder.name,
      }));
      units.push({ target: station, substation: id, name }, ...feeders);
      this.#parts.set(station, [station, ...feeders.map(({ target }) => target)]);
      for (const { target } of feeders) this.#parts.set(target, [target]);
      for (const device of devices) {
        const feeder = `feeder:${device.feeder}`;
        this.#parts.set(`device:${gateway}/${device.id}`, [this.#parts.has(feeder) ? feeder : station]);
      }
    }
    this.all = units;
    this.#parts.set(
      `region:${region.id}`,
      units.map(({ target }) => target),
    );
  }

  /** Throws LS-API-004 for a target outside this region. */
  of(target: string): readonly string[] {
    const parts = this.#parts.get(target);
    if (parts === undefined) throw new LoadstoneError('LS-API-004', `there is no target "${target.slice(0, 80)}"`);
    return parts;
  }
}
