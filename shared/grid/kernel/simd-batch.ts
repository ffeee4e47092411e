import { emptyResult, isPlain, type BatchInput, type BatchOptions, type BatchResult } from '../batch.ts';
import type { RadialGrid } from '../compile.ts';
import { fromNode, toNode } from '../flows.ts';
import { setRatios, setSources } from '../radial.ts';
import { BRANCH, LANE_BYTES, LANES, RECORD } from './layout.ts';

/** Exports of the compiled module. Addresses are bytes in its memory. */
export interface SweepExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  start: (...addresses: readonly number[]) => void;
  draw: (begin: number, end: number) => void;
  backward: (firstFed: number, end: number) => void;
  backwardPlain: (firstFed: number, end: number) => void;
  forward: (firstFed: number, end: number, moved: number) => void;
  forwardPlain: (firstFed: number, end: number, moved: number) => void;
  finish: (...addresses: readonly number[]) => void;
}

const PAGE_BYTES = 65_536;

/** `solveBatch` with the kernel: the same steps, iterations, convergence flags and bits. Unused lanes carry no load. */
export function solveBatchSimd(
  exports: SweepExports,
  grid: RadialGrid,
  input: BatchInput,
  options: BatchOptions = {},
): BatchResult {
  const { tolerancePu = 1e-8, maxIterations = 200 } = options;
  const limit = tolerancePu * tolerancePu;
  const result = emptyResult(grid, input);
  const memory = placeGrid(exports, grid, input);
  const { records, at } = memory;
  const { begin, firstFed, end } = at;
  const forward = isPlain(grid) ? exports.forwardPlain : exports.forward;
  const backward = isPlain(grid) ? exports.backwardPlain : exports.backward;
  for (let first = 0; first < input.steps; first += LANES) {
    const lanes = Math.min(LANES, input.steps - first);
    placePowers(memory, input, first, lanes);
    exports.start(begin, firstFed, end, at.active, at.reactive, memory.rowBytes, at.base);
    exports.draw(begin, end);
    records.fill(Infinity, at.moved / 8, at.moved / 8 + LANES);
    const running = new Set(Array.from({ length: lanes }, (_, lane) => lane));
    for (let iterations = 0; ; iterations++) {
      backward(firstFed, end);
      const stopped = [...running].filter(
        (lane) => iterations >= maxIterations || !(records[at.moved / 8 + lane]! > limit),
      );
      if (stopped.length > 0)
        exports.finish(begin, firstFed, end, at.branches, at.magnitudes, memory.rowBytes, at.losses);
      for (const lane of stopped) {
        running.delete(lane);
        result.iterations[first + lane] = iterations;
        result.converged[first + lane] = records[at.moved / 8 + lane]! <= limit ? 1 : 0;
        take(memory, grid, { lane, step: first + lane, result });
      }
      if (running.size === 0) break;
      forward(firstFed, end, at.moved);
      exports.draw(begin, firstFed);
    }
  }
  return result;
}

interface Placed {
  /** The whole memory as 8-byte numbers. */
  readonly records: Float64Array;
  readonly rowBytes: number;
  readonly at: Readonly<
    Record<
      'base' | 'moved' | 'losses' | 'begin' | 'firstFed' | 'end' | 'branches' | 'active' | 'reactive' | 'magnitudes',
      number
    >
  >;
}

/** Lays out the memory for the grid, grows it if needed, and writes the data that all steps share. */
function placeGrid(exports: SweepExports, grid: RadialGrid, input: BatchInput): Placed {
  const nodes = grid.nodeBus.length;
  const rowBytes = grid.busIds.length * 8;
  const moved = LANE_BYTES;
  const losses = moved + LANE_BYTES;
  const begin = losses + LANE_BYTES;
  const end = begin + nodes * RECORD.bytes;
  const firstFed = begin + grid.sourceCount * RECORD.bytes;
  const active = end + (nodes - grid.sourceCount) * BRANCH.bytes;
  const reactive = active + LANES * rowBytes;
  const magnitudes = reactive + LANES * rowBytes;
  const missing = magnitudes + LANES * rowBytes - exports.memory.buffer.byteLength;
  if (missing > 0) exports.memory.grow(Math.ceil(missing / PAGE_BYTES));
  const records = new Float64Array(exports.memory.buffer);
  const addresses = new Int32Array(exports.memory.buffer);
  const recordOf = (node: number): number => begin + node * RECORD.bytes;

  const aRe = new Float64Array(nodes).fill(1);
  const aIm = new Float64Array(nodes);
  const r = Float64Array.from(grid.rPu);
  const x = Float64Array.from(grid.xPu);
  const vRe = new Float64Array(nodes);
  const vIm = new Float64Array(nodes);
  setRatios(grid, { aRe, aIm, r, x }, input.tapPositions);
  setSources(grid, { vRe, vIm }, input.sourceVoltagePu);
  records.fill(0, magnitudes / 8, (magnitudes + LANES * rowBytes) / 8);
  records[0] = grid.baseKva;
  for (let node = 0; node < nodes; node++) {
    const at = recordOf(node);
    records.fill(vRe[node]!, (at + RECORD.vRe) / 8, (at + RECORD.vRe) / 8 + LANES);
    records.fill(vIm[node]!, (at + RECORD.vIm) / 8, (at + RECORD.vIm) / 8 + LANES);
    records[(at + RECORD.r) / 8] = r[node]!;
    records[(at + RECORD.x) / 8] = x[node]!;
    records[(at + RECORD.g) / 8] = grid.gPu[node]!;
    records[(at + RECORD.b) / 8] = grid.bPu[node]!;
    records[(at + RECORD.aRe) / 8] = aRe[node]!;
    records[(at + RECORD.aIm) / 8] = aIm[node]!;
    addresses[(at + RECORD.bus) / 4] = grid.nodeBus[node]! * 8;
    if (node < grid.sourceCount) continue;
    addresses[(at + RECORD.parent) / 4] = recordOf(grid.parent[node]!);
    const branch = end + (node - grid.sourceCount) * BRANCH.bytes;
    records[(branch + BRANCH.gFrom) / 8] = grid.branchFromG[grid.nodeBranch[node]!]!;
    records[(branch + BRANCH.gTo) / 8] = grid.branchToG[grid.nodeBranch[node]!]!;
    addresses[(branch + BRANCH.from) / 4] = recordOf(fromNode(grid, node));
    addresses[(branch + BRANCH.to) / 4] = recordOf(toNode(grid, node));
  }
  return {
    records,
    rowBytes,
    at: { base: 0, moved, losses, begin, firstFed, end, branches: end, active, reactive, magnitudes },
  };
}

function placePowers({ records, rowBytes, at }: Placed, input: BatchInput, first: number, lanes: number): void {
  const buses = rowBytes / 8;
  for (const [address, powers] of [
    [at.active, input.activePowerKw],
    [at.reactive, input.reactivePowerKvar],
  ] as const) {
    const row = address / 8;
    records.set(powers.subarray(first * buses, (first + lanes) * buses), row);
    records.fill(0, row + lanes * buses, row + LANES * buses);
  }
}

/** Copies one lane's results from its last iteration. */
function take(
  { records, rowBytes, at }: Placed,
  { sourceCount, baseKva }: RadialGrid,
  { lane, step, result }: { readonly lane: number; readonly step: number; readonly result: BatchResult },
): void {
  const row = (at.magnitudes + lane * rowBytes) / 8;
  result.vmPu.set(records.subarray(row, row + rowBytes / 8), (step * rowBytes) / 8);
  result.lossesKw[step] = records[at.losses / 8 + lane]! * baseKva;
  for (let source = 0; source < sourceCount; source++) {
    const record = (at.begin + source * RECORD.bytes) / 8 + lane;
    const value = (quantity: 'vRe' | 'vIm' | 'jRe' | 'jIm'): number => records[record + RECORD[quantity] / 8]!;
    const p = value('vRe') * value('jRe') + value('vIm') * value('jIm');
    const q = value('vIm') * value('jRe') - value('vRe') * value('jIm');
    result.sourceKw[step * sourceCount + source] = -p * baseKva;
    result.sourceKvar[step * sourceCount + source] = -q * baseKva;
  }
}
