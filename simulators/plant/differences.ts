import type { Load, Network } from '../../shared/grid/network.ts';
import { gaussian, SeededRandom } from '../../shared/ports/random.ts';
import { between } from './chance.ts';
import type { Differences, PlantSpec } from './spec.ts';

const LEAST_FACTOR = 0.3;
const LEAST_POWER_FACTOR = 0.5;

/** The plant's own network: the model's network with the differences applied. */
export function trueNetwork({ id, network }: PlantSpec, seed: number, differs: Differences): Network {
  const random = new SeededRandom(seed, `${id}/differences`);
  const error = (most: number | undefined): number => (most === undefined ? 1 : 1 + between(random, -most, most));
  const { exchange, commonImpedanceSd = 0, lineImpedanceSd = 0 } = differs;
  const apart = new SeededRandom(seed, `${id}/impedances`);
  const normal = (sd: number): number => (sd === 0 ? 1 : Math.max(LEAST_FACTOR, 1 + sd * gaussian(apart)));
  const common = new Map(network.feeders.map((feeder) => [feeder.id, normal(commonImpedanceSd)]));
  const powerFactors = new SeededRandom(seed, `${id}/power-factors`);
  return {
    ...network,
    lines: network.lines.map((line) => {
      const factor = (common.get(line.feeder ?? '') ?? 1) * normal(lineImpedanceSd);
      return {
        ...line,
        rOhm: line.rOhm * error(differs.impedance) * factor,
        xOhm: line.xOhm * error(differs.impedance) * factor,
        closed: line.id === exchange?.open ? false : line.id === exchange?.close ? true : (line.closed ?? true),
      };
    }),
    transformers: network.transformers.map((each) => {
      const factor = differs.transformerImpedance === undefined ? 1 : error(differs.transformerImpedance);
      return { ...each, rOhm: each.rOhm * factor, xOhm: each.xOhm * factor };
    }),
    loads: network.loads.map((load) => {
      const share = error(differs.loadShare);
      const activePowerKw = load.activePowerKw * share;
      if (differs.powerFactor !== undefined)
        return { ...load, activePowerKw, reactivePowerKvar: turned(load, activePowerKw, differs.powerFactor) };
      return { ...load, activePowerKw, reactivePowerKvar: load.reactivePowerKvar * share * error(differs.loadShare) };
    }),
  };

  /** Reactive power of a load whose power factor is off by up to `most`. */
  function turned(load: Load, kw: number, most: number): number {
    const { activePowerKw: nominalKw, reactivePowerKvar: kvar } = load;
    const factor = nominalKw / Math.hypot(nominalKw, kvar);
    if (!(factor > 0)) return kvar;
    const off = Math.min(1, Math.max(LEAST_POWER_FACTOR, factor + between(powerFactors, -most, most)));
    return Math.sign(kvar) * kw * Math.tan(Math.acos(off));
  }
}

/** Ids of the devices that neither report nor obey. */
export function silentDevices({ id, devices }: PlantSpec, seed: number, differs: Differences): ReadonlySet<string> {
  const random = new SeededRandom(seed, `${id}/silent`);
  const silent = devices.filter(() => random.next() < (differs.silentShare ?? 0));
  return new Set(silent.map((device) => device.id));
}
