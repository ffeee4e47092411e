import { createBlockMatrix, factorise, slotOf, solveFactorised } from './block-lu.ts';
import type { Drawn, NewtonGrid } from './newton-grid.ts';

/** Where Newton's method starts: at the no-load voltages, at those that the document states, or at the angles of a DC power flow. */
export type StartName = 'no-load' | 'stated' | 'dc';

export interface Start {
  readonly name: StartName;
  /** By bus. */
  readonly magnitude: Float64Array;
  readonly angle: Float64Array;
}

/** The starts in the order in which they are tried. Each is computed only when the one before has failed. */
export function* startsOf(grid: NewtonGrid, drawn: Drawn): Generator<Start, void> {
  const noLoad = walked(grid, 'no-load');
  yield noLoad;
  if (grid.network.buses.some((bus) => bus.startPu !== undefined)) yield walked(grid, 'stated');
  const angle = dcAngles(grid, drawn, noLoad);
  if (angle === undefined) return;
  const isHeld = (bus: number): boolean => grid.sourceAt[bus]! >= 0 || grid.heldPu[bus]! > 0;
  yield { name: 'dc', magnitude: noLoad.magnitude.map((magnitude, bus) => (isHeld(bus) ? magnitude : 1)), angle };
}

/**
 * Voltages walked breadth first from the sources through ratios and shifts, so that vector groups do not cause a mismatch of 150 degrees.
 * Held buses start at their held voltage; if `name` is "stated", buses with a stated voltage start there.
 */
function walked({ ports, network, busIds, busIndex, heldPu }: NewtonGrid, name: 'no-load' | 'stated'): Start {
  const near: number[][] = busIds.map(() => []);
  for (let branch = 0; branch < ports.ids.length; branch++) {
    if (ports.closed[branch] === 0) continue;
    near[ports.from[branch]!]!.push(branch);
    near[ports.to[branch]!]!.push(branch);
  }
  const magnitude = new Float64Array(busIds.length);
  const angle = new Float64Array(busIds.length);
  const queue: number[] = [];
  for (const source of network.sources) {
    const bus = busIndex.get(source.bus)!;
    magnitude[bus] = source.voltagePu;
    angle[bus] = ((source.angleDeg ?? 0) * Math.PI) / 180;
    queue.push(bus);
  }
  for (let at = 0; at < queue.length; at++) {
    const bus = queue[at]!;
    for (const branch of near[bus]!) {
      const forward = ports.from[branch] === bus;
      const next = forward ? ports.to[branch]! : ports.from[branch]!;
      if (magnitude[next]! > 0) continue;
      const { startPu, startDeg } = name === 'stated' ? network.buses[next]! : {};
      const ratio = Math.hypot(ports.ratioRe[branch]!, ports.ratioIm[branch]!);
      const shift = Math.atan2(ports.ratioIm[branch]!, ports.ratioRe[branch]!);
      const arrives = startPu ?? (forward ? magnitude[bus]! / ratio : magnitude[bus]! * ratio);
      magnitude[next] = heldPu[next]! > 0 ? heldPu[next]! : arrives;
      angle[next] = startDeg === undefined ? angle[bus]! + (forward ? -shift : shift) : (startDeg * Math.PI) / 180;
      queue.push(next);
    }
  }
  return { name, magnitude, angle };
}

/** Angles of the DC power flow: without losses, at 1 pu. Undefined if its matrix is singular. */
function dcAngles({ ports, pattern, sourceAt }: NewtonGrid, drawn: Drawn, from: Start): Float64Array | undefined {
  const { size, order, place } = pattern;
  const { diagonal, upper, lower } = createBlockMatrix(pattern);
  // Each block holds one equation, which leaves its second row an identity row.
  const x = new Float64Array(2 * size);
  const isFixed = (k: number): boolean => sourceAt[order[k]!]! >= 0;
  for (let k = 0; k < size; k++) {
    const bus = order[k]!;
    diagonal[4 * k] = isFixed(k) ? 1 : 0;
    diagonal[4 * k + 3] = 1;
    x[2 * k] = isFixed(k) ? from.angle[bus]! : -(drawn.p[bus]! + drawn.pCurrent[bus]! + drawn.pImpedance[bus]!);
  }
  for (let branch = 0; branch < ports.ids.length; branch++) {
    const f = place[ports.from[branch]!]!;
    const t = place[ports.to[branch]!]!;
    if (ports.closed[branch] === 0 || f === t) continue;
    const [ratioRe, ratioIm] = [ports.ratioRe[branch]!, ports.ratioIm[branch]!];
    // Power through the branch per radian: the imaginary part of its series admittance, divided by its ratio.
    const perRadian = (ports.ftIm[branch]! * ratioRe - ports.ftRe[branch]! * ratioIm) / Math.hypot(ratioRe, ratioIm);
    const shifted = perRadian * Math.atan2(ratioIm, ratioRe);
    const slot = slotOf(pattern, Math.min(f, t), Math.max(f, t));
    for (const [row, column, power] of [
      [f, t, shifted],
      [t, f, -shifted],
    ] as const) {
      if (isFixed(row)) continue;
      diagonal[4 * row]! += perRadian;
      (row < column ? upper : lower)[4 * slot]! -= perRadian;
      x[2 * row]! += power;
    }
  }
  if (factorise(pattern, { diagonal, upper, lower }) >= 0) return undefined;
  solveFactorised(pattern, { diagonal, upper, lower }, x);
  const angle = Float64Array.from(place, (k) => x[2 * k]!);
  return angle.every(Number.isFinite) ? angle : undefined;
}
