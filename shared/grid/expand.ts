import { LoadstoneError } from '../outcome/outcome.ts';
import { checkNetwork } from './check.ts';
import { legsOf } from './three-winding.ts';
import type { Bus, Line, Network, Source, Switch, Transformer } from './network.ts';

/** An equivalent network of only buses, lines and two-winding transformers. */
export interface Expanded {
  readonly network: Network;
  /** Maps each bus of the document to its bus in the expanded network. */
  readonly busOf: ReadonlyMap<string, string>;
  /** Lines that model the impedance of a source. They are not part of the document. */
  readonly sourceLines: ReadonlySet<string>;
}

/** Id of the line that models the impedance of a source. Its `to` is the bus of the source. */
export const sourceImpedance = (source: string): string => `${source}~impedance`;

/**
 * Converts switches, three-winding transformers, taps at the to side and sources behind an impedance to plain lines and transformers. Buses
 * joined by closed switches become the first of them; a branch open at one end gets a bus of its own there. Throws LS-GRID-003 if the
 * description is invalid.
 */
export function expandNetwork(network: Network): Expanded {
  const fault = checkNetwork(network);
  if (fault !== undefined) throw LoadstoneError.from(fault);
  const switches = network.switches ?? [];
  const busOf = mergedBuses(network.buses, switches);
  const at = (bus: string): string => busOf.get(bus)!;
  const kvOf = new Map(network.buses.map((bus) => [bus.id, bus.nominalKv]));
  const buses = network.buses.filter((bus) => at(bus.id) === bus.id);
  const open = openEnds(switches);

  /** The bus of a branch end: a new one if a switch has opened that end. */
  const end = (branch: string, bus: string, as: string): string => {
    if (open.get(branch)?.has(bus) !== true) return at(bus);
    const id = `${branch}~${as}`;
    buses.push({ id, nominalKv: kvOf.get(bus)! });
    return id;
  };
  const between = <B extends Line | Transformer>(branch: B): B => {
    const ends = open.get(branch.id);
    if (branch.closed === false || (ends?.has(branch.from) === true && ends.has(branch.to)))
      return { ...branch, from: at(branch.from), to: at(branch.to), closed: false };
    return { ...branch, from: end(branch.id, branch.from, 'from'), to: end(branch.id, branch.to, 'to') };
  };

  const lines = network.lines.map(between);
  const transformers = network.transformers.map((transformer) => tapInRatings(between(transformer)));
  for (const winding of network.threeWindingTransformers ?? []) {
    const star: Bus = { id: `${winding.id}~star`, nominalKv: kvOf.get(winding.highBus)! };
    if (winding.closed !== false) buses.push(star);
    for (const { leg, bus } of legsOf(winding))
      transformers.push(
        winding.closed === false
          ? { ...leg, from: at(bus), to: at(bus === winding.highBus ? winding.lowBus : winding.highBus), closed: false }
          : { ...leg, from: end(winding.id, bus, leg.id.slice(winding.id.length + 1)), to: star.id },
      );
  }

  const sourceLines = new Set<string>();
  const sources = network.sources.map((source): Source => {
    const bus = at(source.bus);
    if (source.shortCircuitMva === undefined) return { ...source, bus };
    const nominalKv = kvOf.get(source.bus)!;
    const inner: Bus = { id: `${source.id}~emf`, nominalKv };
    const z = nominalKv ** 2 / source.shortCircuitMva;
    const ratio = source.rxRatio ?? 0.1;
    const xOhm = z / Math.sqrt(1 + ratio * ratio);
    buses.push(inner);
    lines.push({ id: sourceImpedance(source.id), from: inner.id, to: bus, rOhm: xOhm * ratio, xOhm });
    sourceLines.add(sourceImpedance(source.id));
    return { id: source.id, bus: inner.id, voltagePu: source.voltagePu, angleDeg: source.angleDeg ?? 0 };
  });

  const moved = <T extends { readonly bus: string }>(items: readonly T[] | undefined): T[] =>
    (items ?? []).map((item) => ({ ...item, bus: at(item.bus) }));
  return {
    network: {
      ...network,
      buses,
      lines,
      transformers,
      sources: oneForEachBus(sources),
      loads: moved(network.loads),
      shunts: moved(network.shunts),
      generators: moved(network.generators),
      storages: moved(network.storages),
      threeWindingTransformers: [],
      switches: [],
    },
    busOf,
    sourceLines,
  };
}

/** Maps each bus to its representative: the first in the document among those that closed switches join. */
function mergedBuses(buses: readonly Bus[], switches: readonly Switch[]): Map<string, string> {
  const order = new Map(buses.map((bus, index) => [bus.id, index]));
  const parent = buses.map((_, index) => index);
  const find = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root]!;
    parent[index] = root;
    return root;
  };
  for (const { bus, toBus, closed } of switches) {
    if (!closed || toBus === undefined) continue;
    const a = find(order.get(bus)!);
    const b = find(order.get(toBus)!);
    parent[Math.max(a, b)] = Math.min(a, b);
  }
  return new Map(buses.map((bus, index) => [bus.id, buses[find(index)]!.id]));
}

/** The buses at which switches have opened each branch. */
function openEnds(switches: readonly Switch[]): Map<string, Set<string>> {
  const open = new Map<string, Set<string>>();
  for (const { bus, branch, closed } of switches) {
    if (closed || branch === undefined) continue;
    const ends = open.get(branch) ?? new Set();
    ends.add(bus);
    open.set(branch, ends);
  }
  return open;
}

function tapInRatings(transformer: Transformer): Transformer {
  const { tapSide, tapPosition = 0, tapStepPct = 0, ...rest } = transformer;
  if (tapSide !== 'to') return transformer;
  const factor = 1 + (tapPosition * tapStepPct) / 100;
  return {
    ...rest,
    ratedToKv: rest.ratedToKv * factor,
    rOhm: rest.rOhm * factor ** 2,
    xOhm: rest.xOhm * factor ** 2,
  };
}

/** Merges sources that closed switches bring to one bus. They must agree. */
function oneForEachBus(sources: readonly Source[]): Source[] {
  const byBus = new Map<string, Source>();
  for (const source of sources) {
    const other = byBus.get(source.bus);
    if (other === undefined) byBus.set(source.bus, source);
    else if (other.voltagePu !== source.voltagePu || (other.angleDeg ?? 0) !== (source.angleDeg ?? 0))
      throw new LoadstoneError(
        'LS-GRID-003',
        `source "${source.id}": closed switches join it to source "${other.id}" of another voltage`,
      );
  }
  return [...byBus.values()];
}
