import { LoadstoneError } from '../outcome/outcome.ts';
import { checkNetwork } from './check.ts';
import type { Network } from './network.ts';
import { transformerPi } from './transformer-model.ts';
import { goesWithVoltage } from './varying-load.ts';

/** A transformer in the form of the sweep. Each solve sets its ratio. */
export interface CompiledTransformer {
  readonly id: string;
  readonly branch: number;
  /** Node behind the transformer as seen from the source; -1 if it is open or de-energised. */
  readonly node: number;
  /** Ratio at neutral tap, per unit of the nominal voltages. */
  readonly neutralRatio: number;
  readonly tapStep: number;
  readonly tapPosition: number;
  readonly cosShift: number;
  readonly sinShift: number;
  /** Series impedance at the to side, per unit. */
  readonly rPu: number;
  readonly xPu: number;
}

/**
 * A radial network in arrays. Buses and branches are indexed in document order (branches: lines, then transformers). Nodes are the
 * energised buses, each after its parent: sources first, then breadth first.
 */
export interface RadialGrid {
  readonly network: Network;
  readonly baseKva: number;
  readonly busIds: readonly string[];
  readonly busIndex: ReadonlyMap<string, number>;
  readonly branchIds: readonly string[];
  readonly branchIndex: ReadonlyMap<string, number>;
  readonly transformers: readonly CompiledTransformer[];
  /** Ids of buses that no source reaches. */
  readonly deEnergised: readonly string[];
  /** Sum of the document's loads, generators and storages per bus. */
  readonly nominalKw: Float64Array;
  readonly nominalKvar: Float64Array;

  readonly nodeBus: Int32Array;
  /** -1 if de-energised. */
  readonly busNode: Int32Array;
  /** -1 for a source. */
  readonly parent: Int32Array;
  /** Branch that feeds the node; -1 for a source. */
  readonly nodeBranch: Int32Array;
  /** 1 if the node is at the to side of the branch that feeds it. */
  readonly nodeAtTo: Uint8Array;
  readonly sourceCount: number;
  /** Per source node; these come first. */
  readonly sourceIds: readonly string[];
  readonly sourceVoltagePu: Float64Array;
  readonly sourceAngleRad: Float64Array;
  /** Series impedance as seen from the node's side, per unit; for a transformer at neutral tap. */
  readonly rPu: Float64Array;
  readonly xPu: Float64Array;
  /** Admittance at the node, per unit: shunts, half the charging of each line, iron losses. */
  readonly gPu: Float64Array;
  readonly bPu: Float64Array;

  readonly branchFromBus: Int32Array;
  readonly branchToBus: Int32Array;
  /** Node that the branch feeds; -1 if it is open or de-energised. */
  readonly branchNode: Int32Array;
  /** Admittance at each end of the branch, per unit. */
  readonly branchFromG: Float64Array;
  readonly branchFromB: Float64Array;
  readonly branchToG: Float64Array;
  readonly branchToB: Float64Array;
  /** Current at 100 % loading at each end, per unit; infinite if the branch has no rating. */
  readonly branchFromRatedPu: Float64Array;
  readonly branchToRatedPu: Float64Array;
}

interface Branches {
  readonly ids: string[];
  readonly index: Map<string, number>;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly closed: Uint8Array;
}

/**
 * Compiles a network for the sweep. `closed` is honoured; islands without a source are de-energised and reported. Throws LS-GRID-003 if the
 * description is invalid, LS-GRID-001 if an island has a loop or two sources.
 */
export function compileRadial(network: Network): RadialGrid {
  const fault = checkNetwork(network);
  if (fault !== undefined) throw LoadstoneError.from(fault);
  const beyond = beyondRadial(network);
  if (beyond !== undefined) throw new LoadstoneError('LS-GRID-001', beyond);

  const busIds = network.buses.map((bus) => bus.id);
  const busIndex = new Map(busIds.map((id, index) => [id, index]));
  const branches = branchesOf(network, busIndex);
  const tree = walk(network, busIndex, branches);
  const nodes = tree.nodeBus.length;
  const baseKva = network.baseMva * 1000;

  const busG = new Float64Array(busIds.length);
  const busB = new Float64Array(busIds.length);
  for (const shunt of network.shunts) {
    busG[busIndex.get(shunt.bus)!]! += shunt.gKw / baseKva;
    busB[busIndex.get(shunt.bus)!]! += shunt.bKvar / baseKva;
  }

  const rPu = new Float64Array(nodes);
  const xPu = new Float64Array(nodes);
  const count = branches.ids.length;
  const fromG = new Float64Array(count);
  const fromB = new Float64Array(count);
  const toG = new Float64Array(count);
  const toB = new Float64Array(count);
  const fromRated = new Float64Array(count).fill(Infinity);
  const toRated = new Float64Array(count).fill(Infinity);

  for (const [branch, line] of network.lines.entries()) {
    const ohm = network.buses[branches.from[branch]!]!.nominalKv ** 2 / network.baseMva;
    const half = ((line.bUs ?? 0) * 1e-6 * ohm) / 2;
    fromB[branch] = half;
    toB[branch] = half;
    fromG[branch] = toG[branch] = ((line.gUs ?? 0) * 1e-6 * ohm) / 2;
    if (line.ratedKva !== undefined) fromRated[branch] = toRated[branch] = line.ratedKva / baseKva;
    const node = tree.branchNode[branch]!;
    if (node >= 0) {
      rPu[node] = line.rOhm / ohm;
      xPu[node] = line.xOhm / ohm;
    }
  }

  const transformers = network.transformers.map((transformer, position): CompiledTransformer => {
    const branch = network.lines.length + position;
    const fromKv = network.buses[branches.from[branch]!]!.nominalKv;
    const toKv = network.buses[branches.to[branch]!]!.nominalKv;
    const ohm = toKv ** 2 / network.baseMva;
    const neutralRatio = transformer.ratedFromKv / fromKv / (transformer.ratedToKv / toKv);
    const tapStep = (transformer.tapStepPct ?? 0) / 100;
    const tapPosition = transformer.tapPosition ?? 0;
    // A no-load branch behind the ratio is computed at the document's tap.
    const pi = transformerPi(transformer, {
      baseKva,
      neutralRatio,
      ratio: neutralRatio * (1 + tapPosition * tapStep),
      r: transformer.rOhm / ohm,
      x: transformer.xOhm / ohm,
    });
    fromG[branch] = pi.fromG;
    fromB[branch] = pi.fromB;
    toG[branch] = pi.toG;
    toB[branch] = pi.toB;
    const rated = transformer.ratedKva / baseKva;
    fromRated[branch] = (rated * fromKv) / transformer.ratedFromKv;
    toRated[branch] = (rated * toKv) / transformer.ratedToKv;
    const shift = ((transformer.shiftDeg ?? 0) * Math.PI) / 180;
    const compiled = {
      id: transformer.id,
      branch,
      node: tree.branchNode[branch]!,
      neutralRatio,
      tapStep,
      tapPosition,
      cosShift: Math.cos(shift),
      sinShift: Math.sin(shift),
      rPu: pi.r,
      xPu: pi.x,
    };
    if (compiled.node >= 0) {
      const scale = tree.nodeAtTo[compiled.node] === 1 ? 1 : compiled.neutralRatio ** 2;
      rPu[compiled.node] = compiled.rPu * scale;
      xPu[compiled.node] = compiled.xPu * scale;
    }
    return compiled;
  });

  for (let branch = 0; branch < count; branch++) {
    if (branches.closed[branch] === 0) continue;
    busG[branches.from[branch]!]! += fromG[branch]!;
    busB[branches.from[branch]!]! += fromB[branch]!;
    busG[branches.to[branch]!]! += toG[branch]!;
    busB[branches.to[branch]!]! += toB[branch]!;
  }

  const nominalKw = new Float64Array(busIds.length);
  const nominalKvar = new Float64Array(busIds.length);
  for (const load of network.loads) {
    nominalKw[busIndex.get(load.bus)!]! += load.activePowerKw;
    nominalKvar[busIndex.get(load.bus)!]! += load.reactivePowerKvar;
  }

  for (const each of [...(network.generators ?? []), ...(network.storages ?? [])]) {
    nominalKw[busIndex.get(each.bus)!]! += each.activePowerKw;
    nominalKvar[busIndex.get(each.bus)!]! += each.reactivePowerKvar ?? 0;
  }

  return {
    network,
    baseKva,
    busIds,
    busIndex,
    branchIds: branches.ids,
    branchIndex: branches.index,
    transformers,
    deEnergised: busIds.filter((_, bus) => tree.busNode[bus] === -1),
    nominalKw,
    nominalKvar,
    ...tree,
    sourceCount: network.sources.length,
    sourceIds: network.sources.map((source) => source.id),
    sourceVoltagePu: Float64Array.from(network.sources, (source) => source.voltagePu),
    sourceAngleRad: Float64Array.from(network.sources, (source) => ((source.angleDeg ?? 0) * Math.PI) / 180),
    rPu,
    xPu,
    gPu: Float64Array.from(tree.nodeBus, (bus) => busG[bus]!),
    bPu: Float64Array.from(tree.nodeBus, (bus) => busB[bus]!),
    branchFromBus: branches.from,
    branchToBus: branches.to,
    branchFromG: fromG,
    branchFromB: fromB,
    branchToG: toG,
    branchToB: toB,
    branchFromRatedPu: fromRated,
    branchToRatedPu: toRated,
  };
}

function branchesOf(network: Network, busIndex: ReadonlyMap<string, number>): Branches {
  const all = [...network.lines, ...network.transformers];
  return {
    ids: all.map((branch) => branch.id),
    index: new Map(all.map((branch, index) => [branch.id, index])),
    from: Int32Array.from(all, (branch) => busIndex.get(branch.from)!),
    to: Int32Array.from(all, (branch) => busIndex.get(branch.to)!),
    closed: Uint8Array.from(all, (branch) => (branch.closed === false ? 0 : 1)),
  };
}

type Tree = Pick<RadialGrid, 'nodeBus' | 'busNode' | 'parent' | 'nodeBranch' | 'nodeAtTo' | 'branchNode'>;

/** The first feature that the sweep does not support. `solveNetwork` does, and uses the sweep where it can. */
function beyondRadial(network: Network): string | undefined {
  const named = (kind: string, item: { readonly id: string } | undefined, why: string): string | undefined =>
    item === undefined ? undefined : `${kind} "${item.id}": ${why}, which the radial sweep does not support`;
  return (
    named('switch', network.switches?.[0], 'it is not expanded') ??
    named('three-winding transformer', network.threeWindingTransformers?.[0], 'its legs are not expanded') ??
    named(
      'transformer',
      network.transformers.find((each) => each.tapSide === 'to'),
      'a tap at the to side',
    ) ??
    named(
      'source',
      network.sources.find((each) => each.shortCircuitMva !== undefined),
      'an impedance',
    ) ??
    named(
      'generator',
      network.generators?.find((each) => each.voltagePu !== undefined),
      'voltage control',
    ) ??
    named('load', network.loads.find(goesWithVoltage), 'voltage-dependent power')
  );
}

/** Walks from the sources along closed branches, breadth first. */
function walk(network: Network, busIndex: ReadonlyMap<string, number>, branches: Branches): Tree {
  const near: number[][] = network.buses.map(() => []);
  for (let branch = 0; branch < branches.ids.length; branch++) {
    if (branches.closed[branch] === 0) continue;
    near[branches.from[branch]!]!.push(branch);
    near[branches.to[branch]!]!.push(branch);
  }
  const busNode = new Int32Array(network.buses.length).fill(-1);
  const branchNode = new Int32Array(branches.ids.length).fill(-1);
  const nodeBus: number[] = [];
  const parent: number[] = [];
  const nodeBranch: number[] = [];
  const nodeAtTo: number[] = [];
  const sourceOf: string[] = [];
  const add = (bus: number, source: string, behind: readonly [number, number, number]): void => {
    busNode[bus] = nodeBus.length;
    nodeBus.push(bus);
    parent.push(behind[0]);
    nodeBranch.push(behind[1]);
    nodeAtTo.push(behind[2]);
    sourceOf.push(source);
  };
  for (const source of network.sources) add(busIndex.get(source.bus)!, source.id, [-1, -1, 1]);
  for (let node = 0; node < nodeBus.length; node++) {
    const bus = nodeBus[node]!;
    for (const branch of near[bus]!) {
      if (branch === nodeBranch[node]) continue;
      const atTo = branches.from[branch] === bus ? 1 : 0;
      const next = atTo === 1 ? branches.to[branch]! : branches.from[branch]!;
      const met = busNode[next]!;
      if (met >= 0) throw notRadial(branches.ids[branch]!, sourceOf[node]!, sourceOf[met]!);
      add(next, sourceOf[node]!, [node, branch, atTo]);
      branchNode[branch] = busNode[next]!;
    }
  }
  return {
    nodeBus: Int32Array.from(nodeBus),
    busNode,
    parent: Int32Array.from(parent),
    nodeBranch: Int32Array.from(nodeBranch),
    nodeAtTo: Uint8Array.from(nodeAtTo),
    branchNode,
  };
}

function notRadial(branch: string, source: string, other: string): LoadstoneError {
  const why =
    source === other
      ? 'closes a loop: open it, or another branch of the loop'
      : `joins what source "${source}" and source "${other}" feed: open it, or another branch between them`;
  return new LoadstoneError('LS-GRID-001', `branch "${branch}" ${why}`);
}
