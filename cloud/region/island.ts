import type { Network } from '../../shared/grid/network.ts';

/** The part of a network that one transformer feeds, with the paths from the transformer to its sources. */
export interface Island {
  readonly network: Network;
  /** Buses behind the transformer, as the switches stand. */
  readonly behind: ReadonlySet<string>;
}

/** Cuts a plain network to what a transformer feeds. Open branches stay if both ends do. */
export function islandOf(network: Network, transformer: string): Island {
  const { from, to } = network.transformers.find(({ id }) => id === transformer)!;
  const joins = joinsOf(network, transformer);
  const behind = new Set(reached(joins, to).keys());
  const included = new Set([...behind, ...pathToSource(network, joins, from)]);
  const at = ({ bus }: { readonly bus: string }): boolean => behind.has(bus);
  const between = (branch: { readonly from: string; readonly to: string }): boolean =>
    included.has(branch.from) && included.has(branch.to);
  const { generators, storages } = network;
  return {
    behind,
    network: {
      ...network,
      buses: network.buses.filter(({ id }) => included.has(id)),
      lines: network.lines.filter(between),
      transformers: network.transformers.filter(between),
      loads: network.loads.filter(at),
      shunts: network.shunts.filter(at),
      sources: network.sources.filter(({ bus }) => included.has(bus)),
      ...(generators === undefined ? {} : { generators: generators.filter(at) }),
      ...(storages === undefined ? {} : { storages: storages.filter(at) }),
    },
  };
}

/** Another transformer behind which a bus lies, if there is one. */
export function otherTransformer(network: Network, transformer: string, bus: string): string | undefined {
  return network.transformers.find(({ id }) => id !== transformer && islandOf(network, id).behind.has(bus))?.id;
}

type Joins = ReadonlyMap<string, readonly string[]>;

function joinsOf({ buses, lines, transformers }: Network, without: string): Joins {
  const joins = new Map(buses.map(({ id }) => [id, [] as string[]]));
  for (const { id, from, to, closed } of [...lines, ...transformers]) {
    if (closed === false || id === without) continue;
    joins.get(from)?.push(to);
    joins.get(to)?.push(from);
  }
  return joins;
}

/** Each bus that is reached, and its predecessor. */
function reached(joins: Joins, start: string): Map<string, string | undefined> {
  const before = new Map<string, string | undefined>([[start, undefined]]);
  for (const bus of before.keys())
    for (const next of joins.get(bus) ?? []) if (!before.has(next)) before.set(next, bus);
  return before;
}

/** Every source that feeds the transformer, and the buses on the way. */
function pathToSource({ sources }: Network, joins: Joins, from: string): string[] {
  const before = reached(joins, from);
  const path: string[] = [from];
  for (const { bus } of sources)
    for (let at: string | undefined = before.has(bus) ? bus : undefined; at !== undefined; at = before.get(at))
      path.push(at);
  return path;
}
