import { importMatpower } from '../../shared/grid/matpower.ts';
import type { Bus, Feeder, Line, Load, Network, Transformer } from '../../shared/grid/network.ts';
import { readCase33bw, readOverlay } from '../data/grids.ts';

export const mvNominalKv = 12.66;
export const hvNominalKv = 110;
export const transformerKva = 8000;
export const voltageLimits = { vMinPu: 0.94, vMaxPu: 1.06 };
export const hvVoltagePu = 1.02;

/** Thermal rating of the tie lines, which the case does not state. */
const TIE_KVA = 1153;

/** Schematic positions of case33bw's buses 1 to 33: the trunk runs to the right, with laterals above and below. */
const positions: readonly (readonly [number, number])[] = [
  ...Array.from({ length: 18 }, (_, at) => [at, 0] as const),
  ...[1, 2, 3, 4].map((x) => [x + 1, -2] as const),
  ...[2, 3, 4].map((x) => [x + 1, 2] as const),
  ...Array.from({ length: 8 }, (_, at) => [at + 6, 4] as const),
];

/** Bus of a feeder by its number in case33bw; bus 1 is the busbar that both feeders share. */
export const feederBus = (substation: string, feeder: 1 | 2, bus: number): string =>
  bus === 1 ? `${substation}-bb` : `${substation}-${feeder}-b${bus}`;

/** One substation: 110 kV source, 110/12.66 kV transformer with a tap changer, busbar, and two case33bw feeders. */
export function substationNetwork(id: string, name: string): Network {
  const feeders = [1, 2] as const;
  const parts = feeders.map((feeder) => feederParts(id, feeder));
  return {
    format: 'loadstone-grid',
    version: 1,
    id,
    name,
    baseMva: 10,
    topologyVersion: 1,
    buses: [
      { id: `${id}-hv`, nominalKv: hvNominalKv, x: -2, y: 0 },
      { id: `${id}-bb`, nominalKv: mvNominalKv, ...voltageLimits, x: 0, y: 0 },
      ...parts.flatMap(({ buses }) => buses),
    ],
    lines: parts.flatMap(({ lines }) => lines),
    transformers: [transformer(id)],
    sources: [{ id: `${id}-source`, bus: `${id}-hv`, voltagePu: hvVoltagePu }],
    loads: parts.flatMap(({ loads }) => loads),
    shunts: [],
    feeders: parts.map(({ feeder }) => feeder),
  };
}

/** uk 10 %, load losses 48 kW: 0.6 % of 8 MVA. */
function transformer(id: string): Transformer {
  const baseOhm = mvNominalKv ** 2 / (transformerKva / 1000);
  return {
    id: `${id}-t1`,
    from: `${id}-hv`,
    to: `${id}-bb`,
    ratedKva: transformerKva,
    ratedFromKv: hvNominalKv,
    ratedToKv: mvNominalKv,
    rOhm: 0.006 * baseOhm,
    xOhm: Math.sqrt(0.1 ** 2 - 0.006 ** 2) * baseOhm,
    ironKw: 7.5,
    magnetisingKvar: 40,
    tapPosition: 0,
    tapMin: -8,
    tapMax: 8,
    tapStepPct: 1.25,
  };
}

function feederParts(id: string, feeder: 1 | 2): { buses: Bus[]; lines: Line[]; loads: Load[]; feeder: Feeder } {
  const { network } = importMatpower(readCase33bw());
  const { rateA_MVA: ratings } = readOverlay();
  const name = `${id}-${feeder}`;
  const bus = (number: string): string => feederBus(id, feeder, Number(number));
  const down = feeder === 1 ? 1 : -1;
  return {
    buses: network.buses
      .filter((each) => each.id !== '1')
      .map((each) => {
        const [x, y] = positions[Number(each.id) - 1]!;
        return {
          id: bus(each.id),
          nominalKv: mvNominalKv,
          ...voltageLimits,
          feeder: name,
          x,
          y: down * (y + 5),
        };
      }),
    lines: network.lines.map((line, at) => ({
      id: `${name}-l${at + 1}`,
      from: bus(line.from),
      to: bus(line.to),
      rOhm: line.rOhm,
      xOhm: line.xOhm,
      ratedKva: ratings[at] === undefined ? TIE_KVA : ratings[at] * 1000,
      closed: line.closed ?? true,
      feeder: name,
    })),
    loads: network.loads.map((load) => ({
      id: `${name}-load-${load.bus}`,
      bus: bus(load.bus),
      activePowerKw: load.activePowerKw,
      reactivePowerKvar: load.reactivePowerKvar,
    })),
    feeder: { id: name, name: `Feeder ${feeder}`, headBranch: `${name}-l1`, headBus: bus('2') },
  };
}
