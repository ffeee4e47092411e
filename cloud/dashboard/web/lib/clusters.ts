interface Placed {
  readonly x: number;
  readonly y: number;
}

interface Cluster<S> {
  readonly spots: S[];
  x: number;
  y: number;
}

/**
 * Groups spots whose marks would overlap. No two group centres are closer than `reachPx`; every spot is in a group, and a lone spot is a
 * group of one.
 */
export function clustersOf<S extends Placed>(
  spots: readonly S[],
  reachPx: number,
): (Placed & { spots: readonly S[] })[] {
  const clusters: Cluster<S>[] = [];
  for (const spot of spots) add(clusters, { spots: [spot], x: spot.x, y: spot.y }, reachPx);
  return clusters;
}

/** A merge moves the centre, which may bring it close to another cluster, so the result is added again. */
function add<S>(clusters: Cluster<S>[], one: Cluster<S>, reachPx: number): void {
  const near = clusters.findIndex(({ x, y }) => Math.hypot(x - one.x, y - one.y) < reachPx);
  const other = clusters[near];
  if (other === undefined) return void clusters.push(one);
  clusters.splice(near, 1);
  const [own, more] = [other.spots.length, one.spots.length];
  add(
    clusters,
    {
      spots: [...other.spots, ...one.spots],
      x: (other.x * own + one.x * more) / (own + more),
      y: (other.y * own + one.y * more) / (own + more),
    },
    reachPx,
  );
}
