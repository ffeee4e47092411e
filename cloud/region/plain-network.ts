import { expandNetwork } from '../../shared/grid/expand.ts';
import type { Load, Network } from '../../shared/grid/network.ts';
import { goesWithVoltage } from '../../shared/grid/varying-load.ts';

export interface PlainNetwork {
  readonly network: Network;
  /** The bus that stands for each bus of the document. */
  readonly busOf: ReadonlyMap<string, string>;
  /** What was simplified, in words. */
  readonly notes: readonly string[];
}

/**
 * The network as estimate and plans use it: lines, two-winding transformers and constant-power loads. A branch with an open switch at an
 * end becomes an open branch, so it remains known as a tie; its charging is left out. Throws LS-GRID-003 if the description is not valid.
 */
export function plainNetwork(document: Network): PlainNetwork {
  const switches = document.switches ?? [];
  const opened = new Set(switches.flatMap(({ branch, closed }) => (closed || branch === undefined ? [] : [branch])));
  const open = <B extends { readonly id: string }>(branch: B): B =>
    opened.has(branch.id) ? { ...branch, closed: false } : branch;
  const varying = document.loads.filter(goesWithVoltage).length;
  const { network, busOf } = expandNetwork({
    ...document,
    lines: document.lines.map(open),
    transformers: document.transformers.map(open),
    switches: switches.filter(({ branch }) => branch === undefined || !opened.has(branch)),
    loads: document.loads.map(constantPower),
  });
  return {
    network,
    busOf,
    notes: varying === 0 ? [] : [`${varying} voltage-dependent loads are taken at their power at 1 pu`],
  };
}

const constantPower = ({ id, name, bus, activePowerKw, reactivePowerKvar, profile }: Load): Load => ({
  id,
  bus,
  activePowerKw,
  reactivePowerKvar,
  ...(name === undefined ? {} : { name }),
  ...(profile === undefined ? {} : { profile }),
});
