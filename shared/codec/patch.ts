/**
 * Changes of a JSON value, as the event stream sends them. What is no object stands in the place of what was there. An object holds the
 * changes of fields by name, or of a list's items by id. Beside them: `$is` a whole new value, `$ids` the ids of a list in order,
 * `$has` the names of all fields that an object has.
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

/** Items of a list are told apart by this; undefined: as a whole. */
export function idOf(item: unknown): string | undefined {
  if (!isFields(item)) return undefined;
  const id = item['id'] ?? item['device'];
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}

/** The value after its changes. What did not change stays the same object. */
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
