import type { Network } from './network.ts';

export interface Island {
  /** Only the elements in the island; only closed lines and transformers. */
  readonly network: Network;
  /** There is one source and exactly one path from it to every bus. */
  readonly isTree: boolean;
}

export interface Islands {
  readonly energised: readonly Island[];
  readonly deEnergised: readonly string[];
}

/** Splits an expanded network along its closed branches. Buses that no source reaches are de-energised. */
export function islandsOf(network: Network): Islands {
  const index = new Map(network.buses.map((bus, at) => [bus.id, at]));
  const islandAt = new Int32Array(network.buses.length).fill(-1);
  const branches = [...network.lines, ...network.transformers].filter((branch) => branch.closed !== false);
  const near: number[][] = network.buses.map(() => []);
  for (const { from, to } of branches) {
    near[index.get(from)!]!.push(index.get(to)!);
    near[index.get(to)!]!.push(index.get(from)!);
  }
  let count = 0;
  for (const { bus } of network.sources) {
    if (islandAt[index.get(bus)!] !== -1) continue;
    const queue = [index.get(bus)!];
    islandAt[queue[0]!] = count;
    for (let at = 0; at < queue.length; at++)
      for (const next of near[queue[at]!]!)
        if (islandAt[next] === -1) {
          islandAt[next] = count;
          queue.push(next);
        }
    count++;
  }
  const where = (bus: string): number => islandAt[index.get(bus)!]!;
  const split = <T>(items: readonly T[] | undefined, at: (item: T) => number): T[][] => {
    const groups: T[][] = Array.from({ length: count }, () => []);
    for (const item of items ?? []) groups[at(item)]?.push(item);
    return groups;
  };
  const atBus = <T extends { readonly bus: string }>(items: readonly T[] | undefined): T[][] =>
    split(items, (item) => where(item.bus));
  const closedAt = (branch: { readonly from: string; readonly closed?: boolean }): number =>
    branch.closed === false ? -1 : where(branch.from);
  const buses = split(network.buses, (bus) => where(bus.id));
  const lines = split(network.lines, closedAt);
  const transformers = split(network.transformers, closedAt);
  const sources = atBus(network.sources);
  const loads = atBus(network.loads);
  const shunts = atBus(network.shunts);
  const generators = atBus(network.generators);
  const storages = atBus(network.storages);
  return {
    energised: buses.map((own, at) => ({
      network: {
        ...network,
        buses: own,
        lines: lines[at]!,
        transformers: transformers[at]!,
        sources: sources[at]!,
        loads: loads[at]!,
        shunts: shunts[at]!,
        generators: generators[at]!,
        storages: storages[at]!,
        feeders: [],
      },
      isTree: sources[at]!.length === 1 && lines[at]!.length + transformers[at]!.length === own.length - 1,
    })),
    deEnergised: network.buses.filter((bus) => where(bus.id) === -1).map((bus) => bus.id),
  };
}
