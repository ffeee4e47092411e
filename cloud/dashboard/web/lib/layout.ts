/**
 * Radial layout of a feeder: a trunk (the longest path from the head) with laterals in lanes on both sides, without overlaps. Columns count
 * branches from the head. Positions are grid steps; the drawing converts them to pixels.
 */
export interface LayoutBranch {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly closed: boolean;
}

export interface Placed {
  readonly id: string;
  readonly column: number;
  readonly lane: number;
  /** The previous bus on the path to the head, and the branch between; null at a head. */
  readonly parent: string | null;
  readonly branch: string | null;
  readonly children: readonly string[];
  /** False if no closed path leads to the feeder's head: the bus is in an island. */
  readonly fed: boolean;
}

export interface Layout {
  /** Heads first, each trunk before its laterals. */
  readonly nodes: readonly Placed[];
  readonly byId: ReadonlyMap<string, Placed>;
  /** Branches outside the tree: open ties, and closed branches that form a loop. */
  readonly extra: readonly LayoutBranch[];
  readonly columns: number;
  /** Lanes count from 0; `trunkLane` is the lane of the head. */
  readonly lanes: number;
  readonly trunkLane: number;
}

interface Tree {
  readonly id: string;
  readonly branch: string | null;
  readonly parent: string | null;
  readonly children: Tree[];
  /** Branches on the longest path down. */
  height: number;
}

/** Half columns from and to, both inclusive. Connectors to laterals of the same bus (`parent`) may overlap. */
type Range = readonly [from: number, to: number, parent?: string];

/** A part of the picture, by lane: the space of its branches, and of the connectors that cross lanes to its laterals. */
interface Block {
  readonly taken: Map<number, Range[]>;
  readonly spots: Map<string, { column: number; lane: number }>;
}

/** `root`: the bus at the feeder's head; without it, the first bus that no closed branch leads to. */
export function layoutFeeder(buses: readonly string[], branches: readonly LayoutBranch[], root?: string): Layout {
  const names = [...new Set([...buses, ...branches.flatMap(({ from, to }) => [from, to])])];
  const head = root !== undefined && names.includes(root) ? root : headOf(names, branches);
  const { trees, used } = spanningTrees(names, branches, head);
  const whole: Block = { taken: new Map(), spots: new Map() };
  for (const [index, tree] of trees.entries()) {
    const block = placeTree(tree, 0);
    merge(whole, block, index === 0 ? 0 : freeLane(whole, block));
  }
  return gather(
    trees,
    whole,
    branches.filter(({ id }) => !used.has(id)),
  );
}

function headOf(names: readonly string[], branches: readonly LayoutBranch[]): string | undefined {
  const fed = new Set(branches.filter(({ closed }) => closed).map(({ to }) => to));
  const feeding = new Set(branches.filter(({ closed }) => closed).map(({ from }) => from));
  return names.find((name) => !fed.has(name) && feeding.has(name)) ?? names[0];
}

function spanningTrees(
  names: readonly string[],
  branches: readonly LayoutBranch[],
  head: string | undefined,
): { trees: Tree[]; used: Set<string> } {
  const neighbours = new Map<string, { bus: string; branch: string }[]>(names.map((name) => [name, []]));
  for (const { id, from, to, closed } of branches) {
    if (!closed) continue;
    neighbours.get(from)!.push({ bus: to, branch: id });
    neighbours.get(to)!.push({ bus: from, branch: id });
  }
  const seen = new Set<string>();
  const used = new Set<string>();
  const grow = (start: string): Tree => {
    const tree: Tree = { id: start, branch: null, parent: null, children: [], height: 0 };
    const order = [tree];
    seen.add(start);
    for (let next = 0; next < order.length; next++) {
      const here = order[next]!;
      for (const { bus, branch } of neighbours.get(here.id)!) {
        if (seen.has(bus)) continue;
        seen.add(bus);
        used.add(branch);
        const child: Tree = { id: bus, branch, parent: here.id, children: [], height: 0 };
        here.children.push(child);
        order.push(child);
      }
    }
    for (const node of order.reverse()) {
      node.height = Math.max(-1, ...node.children.map(({ height }) => height)) + 1;
      node.children.sort((a, b) => b.height - a.height);
    }
    return tree;
  };
  const trees = head === undefined ? [] : [grow(head)];
  for (const name of names) if (!seen.has(name)) trees.push(grow(name));
  return { trees, used };
}

/** Puts the trunk in lane 0, then the laterals from its far end to its head, so that no connector crosses another lateral. */
function placeTree(tree: Tree, column: number): Block {
  const block: Block = { taken: new Map(), spots: new Map() };
  const trunk: Tree[] = [tree];
  for (let next = tree.children[0]; next !== undefined; next = next.children[0]) trunk.push(next);
  take(block, 0, [2 * column, 2 * (column + trunk.length - 1)]);
  for (const [step, node] of trunk.entries()) block.spots.set(node.id, { column: column + step, lane: 0 });
  for (const [step, node] of [...trunk.entries()].reverse()) {
    for (const lateral of node.children.slice(1)) {
      const part = placeTree(lateral, column + step + 1);
      const connector: Range = [2 * (column + step) + 1, 2 * (column + step) + 1, node.id];
      take(part, 0, connector);
      const lane = freeLane(block, part);
      merge(block, part, lane);
      for (let between = lane - Math.sign(lane); between !== 0; between -= Math.sign(lane))
        take(block, between, connector);
    }
  }
  return block;
}

const take = (block: Block, lane: number, range: Range): void => {
  const ranges = block.taken.get(lane);
  if (ranges === undefined) block.taken.set(lane, [range]);
  else ranges.push(range);
};

const fits = (block: Block, part: Block, shift: number): boolean =>
  [...part.taken].every(([lane, ranges]) =>
    (block.taken.get(lane + shift) ?? []).every((there) => ranges.every((range) => clear(there, range))),
  );

const clear = ([from, to, parent]: Range, [a, b, other]: Range): boolean =>
  b < from || a > to || (parent !== undefined && parent === other);

const weight = (block: Block, side: 1 | -1): number =>
  [...block.taken]
    .filter(([lane]) => lane * side > 0)
    .reduce((sum, [, ranges]) => sum + ranges.reduce((length, [from, to]) => length + to - from, 0), 0);

/** Returns the nearest lane where `part` touches nothing; of two equally near, the emptier side. */
function freeLane(block: Block, part: Block): number {
  const sides: readonly (1 | -1)[] = weight(block, 1) <= weight(block, -1) ? [1, -1] : [-1, 1];
  for (let distance = 1; ; distance++) {
    const side = sides.find((each) => fits(block, part, each * distance));
    if (side !== undefined) return side * distance;
  }
}

function merge(block: Block, part: Block, shift: number): void {
  for (const [lane, ranges] of part.taken) for (const range of ranges) take(block, lane + shift, range);
  for (const [id, { column, lane }] of part.spots) block.spots.set(id, { column, lane: lane + shift });
}

function gather(trees: readonly Tree[], block: Block, extra: readonly LayoutBranch[]): Layout {
  const lowest = Math.min(0, ...block.taken.keys());
  const nodes: Placed[] = [];
  const visit = (tree: Tree, fed: boolean): void => {
    for (let next: Tree | undefined = tree; next !== undefined; next = next.children[0]) {
      const { column, lane } = block.spots.get(next.id)!;
      const { id, parent, branch } = next;
      nodes.push({
        id,
        column,
        lane: lane - lowest,
        parent,
        branch,
        children: next.children.map((child) => child.id),
        fed,
      });
    }
    for (let next: Tree | undefined = tree; next !== undefined; next = next.children[0]) {
      for (const lateral of next.children.slice(1)) visit(lateral, fed);
    }
  };
  for (const [index, tree] of trees.entries()) visit(tree, index === 0);
  return {
    nodes,
    byId: new Map(nodes.map((node) => [node.id, node])),
    extra,
    columns: Math.max(0, ...nodes.map(({ column }) => column)) + 1,
    lanes: Math.max(0, ...nodes.map(({ lane }) => lane)) + 1,
    trunkLane: -lowest,
  };
}

/** Returns the bus that an arrow key leads to: along the trunk, to the parent, or to the nearest bus in the next lane. */
export function neighbour(layout: Layout, id: string, move: 'out' | 'in' | 'lower' | 'higher'): string | null {
  const here = layout.byId.get(id);
  if (here === undefined) return null;
  if (move === 'in') return here.parent;
  if (move === 'out') return here.children[0] ?? null;
  const side = move === 'higher' ? 1 : -1;
  const candidates = layout.nodes.filter(({ lane }) => (lane - here.lane) * side > 0);
  const cost = (node: Placed): number => Math.abs(node.lane - here.lane) * 100 + Math.abs(node.column - here.column);
  return candidates.sort((a, b) => cost(a) - cost(b))[0]?.id ?? null;
}
