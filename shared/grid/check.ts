import { bad, type Fault } from '../outcome/outcome.ts';
import { checkElements, notFinite } from './check-elements.ts';
import type { Network, Transformer } from './network.ts';

/** Checks that the schema cannot express: unique ids, existing ends, matching voltages. The first fault names element and field. */
export function checkNetwork(network: Network): Fault | undefined {
  const buses = new Map(network.buses.map((bus) => [bus.id, bus]));
  return (
    twice('bus', network.buses) ??
    twice('branch', [...network.lines, ...network.transformers, ...(network.threeWindingTransformers ?? [])]) ??
    twice('source', network.sources) ??
    first(network.buses, (bus) => (bus.nominalKv > 0 ? undefined : `bus "${bus.id}": nominalKv must be above 0`)) ??
    first(network.lines, (line) => {
      const ends = endsOf('line', line, buses);
      if (ends !== undefined) return ends;
      const from = buses.get(line.from)!.nominalKv;
      const to = buses.get(line.to)!.nominalKv;
      if (Math.abs(from - to) > 1e-9 * from)
        return `line "${line.id}": joins ${from} kV and ${to} kV; use a transformer`;
      return notFinite('line', line.id, { rOhm: line.rOhm, xOhm: line.xOhm, bUs: line.bUs ?? 0, gUs: line.gUs ?? 0 });
    }) ??
    first(network.transformers, (transformer) => {
      const { id, rOhm, xOhm, ratedFromKv, ratedToKv, tapPosition = 0, tapStepPct = 0 } = transformer;
      const ends = endsOf('transformer', transformer, buses);
      if (ends !== undefined) return ends;
      if (!(ratedFromKv > 0 && ratedToKv > 0)) return `transformer "${id}": rated voltages must be above 0`;
      if (!(1 + (tapPosition * tapStepPct) / 100 > 0))
        return `transformer "${id}": tapPosition leaves no ratio above 0`;
      return notFinite('transformer', id, { rOhm, xOhm, tapPosition, tapStepPct, ...noLoadOf(transformer) });
    }) ??
    first(network.sources, (source) => {
      if (!buses.has(source.bus)) return `source "${source.id}": bus "${source.bus}" does not exist`;
      const ideal = source.shortCircuitMva === undefined;
      if (ideal && network.sources.some((other) => other !== source && other.bus === source.bus))
        return `source "${source.id}": bus "${source.bus}" has a second source`;
      return source.voltagePu > 0 ? undefined : `source "${source.id}": voltagePu must be above 0`;
    }) ??
    first([...network.loads, ...network.shunts], (each) =>
      buses.has(each.bus) ? undefined : `"${each.id}": bus "${each.bus}" does not exist`,
    ) ??
    first(network.loads, ({ id, activePowerKw, reactivePowerKvar }) =>
      notFinite('load', id, { activePowerKw, reactivePowerKvar }),
    ) ??
    first(network.shunts, ({ id, gKw, bKvar }) => notFinite('shunt', id, { gKw, bKvar })) ??
    first(checkElements(network, buses), (text) => text)
  );
}

const noLoadOf = ({ shiftDeg = 0, ironKw = 0, magnetisingKvar = 0 }: Transformer): Record<string, number> => ({
  shiftDeg,
  ironKw,
  magnetisingKvar,
});

function first<T>(items: Iterable<T>, look: (item: T) => string | undefined): Fault | undefined {
  for (const item of items) {
    const text = look(item);
    if (text !== undefined) return bad('LS-GRID-003', text).fault;
  }
  return undefined;
}

function twice(kind: string, items: readonly { readonly id: string }[]): Fault | undefined {
  const seen = new Set<string>();
  return first(items, ({ id }) => {
    if (seen.has(id)) return `${kind} "${id}": the id is used twice`;
    seen.add(id);
    return undefined;
  });
}

function endsOf(
  kind: string,
  branch: { readonly id: string; readonly from: string; readonly to: string },
  buses: ReadonlyMap<string, unknown>,
): string | undefined {
  for (const end of ['to', 'from'] as const)
    if (!buses.has(branch[end])) return `${kind} "${branch.id}": ${end} bus "${branch[end]}" does not exist`;
  return branch.from === branch.to ? `${kind} "${branch.id}": from and to are the same bus` : undefined;
}
