import { isDeepStrictEqual } from 'node:util';
import { idOf, isFields, type Patch } from '../../shared/codec/patch.ts';

interface Node {
  value: unknown;
  /** Position of the newest change within the node. */
  position: number;
  /** Position at which the node was replaced as a whole. */
  readonly since: number;
  /** Position of the newest change to its set of fields or items, or to their order. */
  shape: number;
  /** Undefined for a leaf. */
  readonly children: Map<string, Node> | undefined;
  readonly isList: boolean;
}

/** Texts that are cached until the view changes, because each returning reader may bring a position of its own. */
const MOST_TEXTS = 8;

/**
 * A view and where each part of it last changed. A reader that knows the view up to a position gets the newest value of what changed after
 * it, once, however often it changed. Parts that are the same object as before are skipped.
 */
export class ViewLog {
  readonly #from: number;
  #root: Node | undefined;
  /** Changes after a position, as JSON; most readers share the same position. */
  #texts = new Map<number, string>();

  /** `from`: the position at which the log starts. */
  constructor(from = 0) {
    this.#from = from;
  }

  /** True if a reader that knows the view up to this position can continue from there. */
  holds(position: number): boolean {
    return position >= this.#from;
  }

  /** Takes the current view; `position` must exceed all earlier ones. Returns true if something changed. */
  update(view: unknown, position: number): boolean {
    this.#root = updated(this.#root, view, position);
    const changed = this.#root.position === position;
    if (changed) this.#texts.clear();
    return changed;
  }

  /** The whole view as JSON. */
  whole(): string {
    return this.#text(-1, () => this.#root?.value);
  }

  /** Returns the changes after a position as JSON; undefined if there are none. */
  since(position: number): string | undefined {
    const root = this.#root;
    if (root === undefined || root.position <= position) return undefined;
    return this.#text(position, () => changesOf(root, position));
  }

  #text(position: number, make: () => unknown): string {
    let text = this.#texts.get(position);
    if (text !== undefined) return text;
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    this.#texts.set(position, (text = JSON.stringify(make())));
    return text;
  }
}

function updated(node: Node | undefined, value: unknown, position: number): Node {
  if (node !== undefined && Object.is(node.value, value)) return node;
  const entries = entriesOf(value);
  if (
    node !== undefined &&
    node.children === undefined &&
    entries === undefined &&
    isDeepStrictEqual(node.value, value)
  )
    return node;
  const isList = Array.isArray(value);
  if (node?.children === undefined || entries === undefined || node.isList !== isList) return fresh(value, position);
  const keys = [...node.children.keys()];
  let isSame = keys.length === entries.length;
  for (const [at, [key, each]] of entries.entries()) {
    const before = node.children.get(key);
    const child = updated(before, each, position);
    if (child.position === position) node.position = position;
    if (child !== before) node.children.set(key, child);
    isSame &&= keys[at] === key;
  }
  if (!isSame) {
    const children = entries.map(([key]) => [key, node.children!.get(key)!] as const);
    node.children.clear();
    for (const [key, child] of children) node.children.set(key, child);
    node.shape = position;
    node.position = position;
  }
  node.value = value;
  return node;
}

function fresh(value: unknown, position: number): Node {
  const children = entriesOf(value)?.map(([key, each]) => [key, fresh(each, position)] as const);
  return {
    value,
    position,
    since: position,
    shape: position,
    children: children === undefined ? undefined : new Map(children),
    isList: Array.isArray(value),
  };
}

/** Returns the fields of an object or the items of a list by their ids; undefined if the value changes as a whole. */
function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (isFields(value)) return Object.entries(value).filter(([, each]) => each !== undefined);
  if (!Array.isArray(value)) return undefined;
  const ids = value.map(idOf);
  if (ids.includes(undefined) || new Set(ids).size < ids.length) return undefined;
  return value.map((item: unknown, at) => [ids[at]!, item] as const);
}

function changesOf(node: Node, position: number): unknown {
  if (node.children === undefined) return node.value;
  if (node.since > position) return { $is: node.value };
  const changes: Record<string, unknown> = {};
  for (const [key, child] of node.children) if (child.position > position) changes[key] = changesOf(child, position);
  if (node.shape <= position) return changes;
  const names = [...node.children.keys()];
  return { ...changes, ...(node.isList ? { $ids: names } : { $has: names }) } satisfies Patch;
}
