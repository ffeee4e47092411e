import { twoPorts, type TwoPorts } from './admittance.ts';
import { orderPattern, slotOf, type BlockPattern } from './block-lu.ts';
import type { Network } from './network.ts';

/**
 * Power drawn at each bus, per unit at 1 pu: the part that is constant, proportional to the voltage, and proportional to its square. Load
 * convention.
 */
export interface Drawn {
  readonly p: Float64Array;
  readonly pCurrent: Float64Array;
  readonly pImpedance: Float64Array;
  readonly q: Float64Array;
  readonly qCurrent: Float64Array;
  readonly qImpedance: Float64Array;
}

/** One island in arrays: buses by network index; everything for the factorisation by place in the elimination order. */
export interface NewtonGrid {
  readonly network: Network;
  readonly baseKva: number;
  readonly busIds: readonly string[];
  readonly busIndex: ReadonlyMap<string, number>;
  readonly ports: TwoPorts;
  readonly pattern: BlockPattern;
  /** Bus admittances: diagonal entries by place, pairs by slot, (k, j) in `upper` and (j, k) in `lower`. */
  readonly ownG: Float64Array;
  readonly ownB: Float64Array;
  readonly upperG: Float64Array;
  readonly upperB: Float64Array;
  readonly lowerG: Float64Array;
  readonly lowerB: Float64Array;
  /** Index of the source at the bus; -1 if none. */
  readonly sourceAt: Int32Array;
  /** Held voltage of the bus; 0 if none. */
  readonly heldPu: Float64Array;
  /** Summed reactive limits of the generators that hold the bus, per unit, load convention. */
  readonly heldMin: Float64Array;
  readonly heldMax: Float64Array;
}

/** Compiles one island from `islandsOf`. */
export function compileNewton(network: Network): NewtonGrid {
  const busIds = network.buses.map((bus) => bus.id);
  const busIndex = new Map(busIds.map((id, index) => [id, index]));
  const ports = twoPorts(network, busIndex);
  const baseKva = network.baseMva * 1000;
  const pairs: (readonly [number, number])[] = [];
  for (let branch = 0; branch < ports.ids.length; branch++)
    if (ports.closed[branch] === 1) pairs.push([ports.from[branch]!, ports.to[branch]!]);
  const pattern = orderPattern(busIds.length, pairs);

  const slots = pattern.neighbour.length;
  const grid: NewtonGrid = {
    network,
    baseKva,
    busIds,
    busIndex,
    ports,
    pattern,
    ownG: new Float64Array(busIds.length),
    ownB: new Float64Array(busIds.length),
    upperG: new Float64Array(slots),
    upperB: new Float64Array(slots),
    lowerG: new Float64Array(slots),
    lowerB: new Float64Array(slots),
    sourceAt: new Int32Array(busIds.length).fill(-1),
    heldPu: new Float64Array(busIds.length),
    heldMin: new Float64Array(busIds.length),
    heldMax: new Float64Array(busIds.length),
  };
  addBranches(grid);
  for (const shunt of network.shunts) {
    const at = pattern.place[busIndex.get(shunt.bus)!]!;
    grid.ownG[at]! += shunt.gKw / baseKva;
    grid.ownB[at]! += shunt.bKvar / baseKva;
  }
  for (const [source, { bus }] of network.sources.entries()) grid.sourceAt[busIndex.get(bus)!] = source;
  for (const { bus, voltagePu, reactiveMinKvar, reactiveMaxKvar } of network.generators ?? []) {
    const at = busIndex.get(bus)!;
    if (voltagePu === undefined || grid.sourceAt[at] !== -1) continue;
    grid.heldPu[at] = voltagePu;
    grid.heldMin[at]! += (reactiveMinKvar ?? -Infinity) / baseKva;
    grid.heldMax[at]! += (reactiveMaxKvar ?? Infinity) / baseKva;
  }
  return grid;
}

function addBranches({ ports, pattern, ...grid }: NewtonGrid): void {
  for (let branch = 0; branch < ports.ids.length; branch++) {
    if (ports.closed[branch] === 0) continue;
    const from = pattern.place[ports.from[branch]!]!;
    const to = pattern.place[ports.to[branch]!]!;
    grid.ownG[from]! += ports.ffRe[branch]!;
    grid.ownB[from]! += ports.ffIm[branch]!;
    grid.ownG[to]! += ports.ttRe[branch]!;
    grid.ownB[to]! += ports.ttIm[branch]!;
    if (from === to) {
      grid.ownG[from]! += ports.ftRe[branch]! + ports.tfRe[branch]!;
      grid.ownB[from]! += ports.ftIm[branch]! + ports.tfIm[branch]!;
      continue;
    }
    const slot = slotOf(pattern, Math.min(from, to), Math.max(from, to));
    const fromFirst = from < to;
    grid.upperG[slot]! += fromFirst ? ports.ftRe[branch]! : ports.tfRe[branch]!;
    grid.upperB[slot]! += fromFirst ? ports.ftIm[branch]! : ports.tfIm[branch]!;
    grid.lowerG[slot]! += fromFirst ? ports.tfRe[branch]! : ports.ftRe[branch]!;
    grid.lowerB[slot]! += fromFirst ? ports.tfIm[branch]! : ports.ftIm[branch]!;
  }
}

/** Power drawn by the document's loads, generators and storages. */
export function drawnOf(network: Network, busIndex: ReadonlyMap<string, number>): Drawn {
  const array = (): Float64Array => new Float64Array(busIndex.size);
  const drawn: Drawn = {
    p: array(),
    pCurrent: array(),
    pImpedance: array(),
    q: array(),
    qCurrent: array(),
    qImpedance: array(),
  };
  const baseKva = network.baseMva * 1000;
  for (const load of network.loads) {
    const bus = busIndex.get(load.bus)!;
    const p = load.activePowerKw / baseKva;
    const q = load.reactivePowerKvar / baseKva;
    const pCurrent = (load.activeCurrentPct ?? 0) / 100;
    const pImpedance = (load.activeImpedancePct ?? 0) / 100;
    const qCurrent = (load.reactiveCurrentPct ?? 0) / 100;
    const qImpedance = (load.reactiveImpedancePct ?? 0) / 100;
    drawn.p[bus]! += p * (1 - pCurrent - pImpedance);
    drawn.pCurrent[bus]! += p * pCurrent;
    drawn.pImpedance[bus]! += p * pImpedance;
    drawn.q[bus]! += q * (1 - qCurrent - qImpedance);
    drawn.qCurrent[bus]! += q * qCurrent;
    drawn.qImpedance[bus]! += q * qImpedance;
  }
  for (const each of [...(network.generators ?? []), ...(network.storages ?? [])]) {
    const bus = busIndex.get(each.bus)!;
    drawn.p[bus]! += each.activePowerKw / baseKva;
    if (!('voltagePu' in each) || each.voltagePu === undefined)
      drawn.q[bus]! += (each.reactivePowerKvar ?? 0) / baseKva;
  }
  return drawn;
}
