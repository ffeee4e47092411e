import type { Network } from './network.ts';
import { transformerPi } from './transformer-model.ts';

/**
 * Branches as two-ports, per unit, lines then transformers: I_from = yff V_from + yft V_to, I_to = ytf V_from + ytt V_to. Each complex
 * number is stored in two arrays. Open branches are zero.
 */
export interface TwoPorts {
  readonly ids: readonly string[];
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly closed: Uint8Array;
  readonly ffRe: Float64Array;
  readonly ffIm: Float64Array;
  readonly ftRe: Float64Array;
  readonly ftIm: Float64Array;
  readonly tfRe: Float64Array;
  readonly tfIm: Float64Array;
  readonly ttRe: Float64Array;
  readonly ttIm: Float64Array;
  /** Complex ratio of the from side to the to side. */
  readonly ratioRe: Float64Array;
  readonly ratioIm: Float64Array;
  /** Current at 100 % loading at each end, per unit; infinite if the branch has no rating. */
  readonly fromRatedPu: Float64Array;
  readonly toRatedPu: Float64Array;
}

/** Two-ports of a network with only lines and two-winding transformers whose taps are at the from side, as `expandNetwork` returns it. */
export function twoPorts(network: Network, busIndex: ReadonlyMap<string, number>): TwoPorts {
  const { lines, transformers, baseMva, buses } = network;
  const all = [...lines, ...transformers];
  const array = (): Float64Array => new Float64Array(all.length);
  const ports: TwoPorts = {
    ids: all.map((branch) => branch.id),
    from: Int32Array.from(all, (branch) => busIndex.get(branch.from)!),
    to: Int32Array.from(all, (branch) => busIndex.get(branch.to)!),
    closed: Uint8Array.from(all, (branch) => (branch.closed === false ? 0 : 1)),
    ffRe: array(),
    ffIm: array(),
    ftRe: array(),
    ftIm: array(),
    tfRe: array(),
    tfIm: array(),
    ttRe: array(),
    ttIm: array(),
    ratioRe: array().fill(1),
    ratioIm: array(),
    fromRatedPu: array().fill(Infinity),
    toRatedPu: array().fill(Infinity),
  };
  const baseKva = baseMva * 1000;
  for (const [branch, line] of lines.entries()) {
    const ohm = buses[ports.from[branch]!]!.nominalKv ** 2 / baseMva;
    if (line.ratedKva !== undefined) ports.fromRatedPu[branch] = ports.toRatedPu[branch] = line.ratedKva / baseKva;
    const g = ((line.gUs ?? 0) * 1e-6 * ohm) / 2;
    const b = ((line.bUs ?? 0) * 1e-6 * ohm) / 2;
    fill(ports, branch, {
      r: line.rOhm / ohm,
      x: line.xOhm / ohm,
      fromG: g,
      fromB: b,
      toG: g,
      toB: b,
      ratio: 1,
      shift: 0,
    });
  }
  for (const [position, transformer] of transformers.entries()) {
    const branch = lines.length + position;
    const fromKv = buses[ports.from[branch]!]!.nominalKv;
    const toKv = buses[ports.to[branch]!]!.nominalKv;
    const ohm = toKv ** 2 / baseMva;
    const neutralRatio = transformer.ratedFromKv / fromKv / (transformer.ratedToKv / toKv);
    const ratio = neutralRatio * (1 + ((transformer.tapPosition ?? 0) * (transformer.tapStepPct ?? 0)) / 100);
    const series = { r: transformer.rOhm / ohm, x: transformer.xOhm / ohm };
    const pi = transformerPi(transformer, { baseKva, neutralRatio, ratio, ...series });
    ports.fromRatedPu[branch] = ((transformer.ratedKva / baseKva) * fromKv) / transformer.ratedFromKv;
    ports.toRatedPu[branch] = ((transformer.ratedKva / baseKva) * toKv) / transformer.ratedToKv;
    fill(ports, branch, { ...pi, ratio, shift: ((transformer.shiftDeg ?? 0) * Math.PI) / 180 });
  }
  return ports;
}

/** Reactance of a branch without impedance. Its ends are practically one bus, but the flow between them remains defined. */
const JOINED_PU = 1e-7;

interface Circuit {
  readonly r: number;
  readonly x: number;
  readonly fromG: number;
  readonly fromB: number;
  readonly toG: number;
  readonly toB: number;
  readonly ratio: number;
  readonly shift: number;
}

function fill(ports: TwoPorts, branch: number, circuit: Circuit): void {
  const { r, x, ratio, shift } = circuit;
  ports.ratioRe[branch] = ratio * Math.cos(shift);
  ports.ratioIm[branch] = ratio * Math.sin(shift);
  if (ports.closed[branch] === 0) return;
  const joins = r === 0 && x === 0;
  const square = joins ? JOINED_PU ** 2 : r * r + x * x;
  const g = r / square;
  const b = -(joins ? JOINED_PU : x) / square;
  ports.ffRe[branch] = g / (ratio * ratio) + circuit.fromG;
  ports.ffIm[branch] = b / (ratio * ratio) + circuit.fromB;
  ports.ttRe[branch] = g + circuit.toG;
  ports.ttIm[branch] = b + circuit.toB;
  const cos = Math.cos(shift) / ratio;
  const sin = Math.sin(shift) / ratio;
  ports.ftRe[branch] = -(g * cos - b * sin);
  ports.ftIm[branch] = -(g * sin + b * cos);
  ports.tfRe[branch] = -(g * cos + b * sin);
  ports.tfIm[branch] = -(b * cos - g * sin);
}
