import type { NewtonGrid } from './newton-grid.ts';

/**
 * No-load voltages by bus, walked breadth first from the sources through ratios and shifts, so that vector groups do not cause a mismatch
 * of 150 degrees. Held buses start at their held voltage.
 */
export function startVoltages({ ports, network, busIds, busIndex, heldPu }: NewtonGrid): {
  readonly magnitude: Float64Array;
  readonly angle: Float64Array;
} {
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
      const ratio = Math.hypot(ports.ratioRe[branch]!, ports.ratioIm[branch]!);
      const shift = Math.atan2(ports.ratioIm[branch]!, ports.ratioRe[branch]!);
      const walked = forward ? magnitude[bus]! / ratio : magnitude[bus]! * ratio;
      magnitude[next] = heldPu[next]! > 0 ? heldPu[next]! : walked;
      angle[next] = angle[bus]! + (forward ? -shift : shift);
      queue.push(next);
    }
  }
  return { magnitude, angle };
}
