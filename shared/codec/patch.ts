/**
 * Changes to a JSON value, as the event stream sends them. Anything but an object replaces the old value. An object holds changes of fields
 * by name, or of list items by id. In addition, `$is` replaces the whole value, `$ids` gives the ids of a list in order, and `$has` names
 * all fields that the object has.
 */
export interface Patch {
  readonly $is?: unknown;
  readonly $ids?: readonly string[];
  readonly $has?: readonly string[];
  readonly [name: string]: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The id of a list item. Undefined means that the item has no id and its list is replaced as a whole. */
export function idOf(item: unknown): string | undefined {
  if (!isFields(item)) return undefined;
  const id = item['id'] ?? item['device'];
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}

/** Applies a patch. Unchanged values remain the same objects. */
export function patched(before: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  if ('$is' in patch) return patch['$is'];
  const { $ids, $has, ...changes } = patch as Patch;
  if (Array.isArray(before) || $ids !== undefined) {
    const items = new Map((Array.isArray(before) ? before : []).map((item: unknown) => [idOf(item), item]));
    for (const [id, change] of Object.entries(changes)) items.set(id, patched(items.get(id), change));
    return [...($ids ?? items.keys())].map((id) => items.get(id));
  }
  const after: Record<string, unknown> = isFields(before) ? { ...before } : {};
  for (const [name, change] of Object.entries(changes)) after[name] = patched(after[name], change);
  if ($has !== undefined) for (const name of Object.keys(after)) if (!$has.includes(name)) delete after[name];
  return after;
}
