import type { Network } from '../../shared/grid/network.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { between } from './chance.ts';
import type { Differences, PlantSpec } from './spec.ts';

/** On case33bw: the section that is open and the tie that is closed in its place, by position in the feeder. */
const HIDDEN_SWITCH = { section: 7, tie: 33 };

/** The plant's own network: the model's, with what differs. */
export function trueNetwork({ id, network }: PlantSpec, seed: number, differs: Differences): Network {
  const random = new SeededRandom(seed, `${id}/differences`);
  const error = (most: number | undefined): number => (most === undefined ? 1 : 1 + between(random, -most, most));
  const exchange = differs.exchange ?? (differs.switchState === true ? hiddenExchange(network) : undefined);
  return {
    ...network,
    lines: network.lines.map((line) => {
      return {
        ...line,
        rOhm: line.rOhm * error(differs.impedance),
        xOhm: line.xOhm * error(differs.impedance),
        closed: line.id === exchange?.open ? false : line.id === exchange?.close ? true : (line.closed ?? true),
      };
    }),
    loads: network.loads.map((load) => {
      const share = error(differs.loadShare);
      return {
        ...load,
        activePowerKw: load.activePowerKw * share,
        reactivePowerKvar: load.reactivePowerKvar * share * error(differs.loadShare),
      };
    }),
  };
}

function hiddenExchange({ feeders }: Network): Differences['exchange'] {
  const first = feeders[0]?.id;
  return { open: `${first}-l${HIDDEN_SWITCH.section}`, close: `${first}-l${HIDDEN_SWITCH.tie}` };
}

/** Ids of the devices that neither report nor obey. */
export function silentDevices({ id, devices }: PlantSpec, seed: number, differs: Differences): ReadonlySet<string> {
  const random = new SeededRandom(seed, `${id}/silent`);
  const silent = devices.filter(() => random.next() < (differs.silentShare ?? 0));
  return new Set(silent.map((device) => device.id));
}
