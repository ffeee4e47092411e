import type { Bus, Network, Switch } from './network.ts';

/** Faults of the optional kinds of elements: one sentence each, with element and field. */
export function* checkElements(network: Network, buses: ReadonlyMap<string, Bus>): Generator<string> {
  const { switches = [], threeWindingTransformers = [], generators = [], storages = [], loads } = network;
  const lacks = (kind: string, id: string, bus: string): string | undefined =>
    buses.has(bus) ? undefined : `${kind} "${id}": bus "${bus}" does not exist`;

  for (const winding of threeWindingTransformers) {
    const ends = [winding.highBus, winding.mediumBus, winding.lowBus];
    for (const bus of ends) yield* present(lacks('three-winding transformer', winding.id, bus));
    if (new Set(ends).size < 3) yield `three-winding transformer "${winding.id}": two of its buses are the same`;
    const { id, rHighOhm, xHighOhm, rMediumOhm, xMediumOhm, rLowOhm, xLowOhm } = winding;
    const impedances = { rHighOhm, xHighOhm, rMediumOhm, xMediumOhm, rLowOhm, xLowOhm };
    const { ironKw = 0, magnetisingKvar = 0, shiftMediumDeg = 0, shiftLowDeg = 0 } = winding;
    const others = { ironKw, magnetisingKvar, shiftMediumDeg, shiftLowDeg };
    yield* present(notFinite('three-winding transformer', id, { ...impedances, ...others }));
    const { tapPosition = 0, tapStepPct = 0 } = winding;
    if (!(1 + (tapPosition * tapStepPct) / 100 > 0))
      yield `three-winding transformer "${id}": tapPosition leaves no ratio above 0`;
  }
  const endsOf = branchEnds(network);
  const seen = new Set<string>();
  for (const each of switches) {
    if (seen.has(each.id)) yield `switch "${each.id}": the id is used twice`;
    seen.add(each.id);
    yield* present(lacks('switch', each.id, each.bus) ?? switchFault(each, buses, endsOf));
  }
  const held = new Map<string, number>();
  for (const { id, bus, activePowerKw, reactivePowerKvar = 0, voltagePu, ...limits } of generators) {
    yield* present(lacks('generator', id, bus) ?? notFinite('generator', id, { activePowerKw, reactivePowerKvar }));
    const { reactiveMinKvar: least = -Infinity, reactiveMaxKvar: most = Infinity } = limits;
    if (!(least <= most)) yield `generator "${id}": reactiveMinKvar must not be above reactiveMaxKvar`;
    if (voltagePu === undefined) continue;
    if (!(voltagePu > 0)) yield `generator "${id}": voltagePu must be above 0`;
    if (held.has(bus) && held.get(bus) !== voltagePu)
      yield `generator "${id}": another generator holds bus "${bus}" at ${held.get(bus)} pu`;
    held.set(bus, voltagePu);
  }
  for (const { id, bus, activePowerKw, reactivePowerKvar } of storages)
    yield* present(lacks('storage', id, bus) ?? notFinite('storage', id, { activePowerKw, reactivePowerKvar }));
  for (const load of loads) {
    const { activeCurrentPct = 0, activeImpedancePct = 0, reactiveCurrentPct = 0, reactiveImpedancePct = 0 } = load;
    yield* present(
      notFinite('load', load.id, { activeCurrentPct, activeImpedancePct, reactiveCurrentPct, reactiveImpedancePct }),
    );
  }
}

function* present(text: string | undefined): Generator<string> {
  if (text !== undefined) yield text;
}

function branchEnds(network: Network): Map<string, readonly string[]> {
  const ends = new Map<string, readonly string[]>();
  for (const { id, from, to } of [...network.lines, ...network.transformers]) ends.set(id, [from, to]);
  for (const { id, highBus, mediumBus, lowBus } of network.threeWindingTransformers ?? [])
    ends.set(id, [highBus, mediumBus, lowBus]);
  return ends;
}

function switchFault(
  { id, bus, toBus, branch }: Switch,
  buses: ReadonlyMap<string, Bus>,
  endsOf: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  if ((toBus === undefined) === (branch === undefined)) return `switch "${id}": set either toBus or branch`;
  if (branch !== undefined) {
    const ends = endsOf.get(branch);
    if (ends === undefined) return `switch "${id}": branch "${branch}" does not exist`;
    return ends.includes(bus) ? undefined : `switch "${id}": branch "${branch}" does not end at bus "${bus}"`;
  }
  const other = buses.get(toBus!);
  if (other === undefined) return `switch "${id}": toBus "${toBus}" does not exist`;
  if (toBus === bus) return `switch "${id}": bus and toBus are the same`;
  const { nominalKv } = buses.get(bus)!;
  return Math.abs(other.nominalKv - nominalKv) > 1e-9 * nominalKv
    ? `switch "${id}": joins ${nominalKv} kV and ${other.nominalKv} kV; use a transformer`
    : undefined;
}

export function notFinite(kind: string, id: string, fields: Readonly<Record<string, number>>): string | undefined {
  for (const [field, value] of Object.entries(fields))
    if (!Number.isFinite(value)) return `${kind} "${id}": ${field} must be a finite number`;
  return undefined;
}
