export type JsonPath = readonly (string | number)[];

/** Splits `$.a.b[0]` into keys; the configuration's schema has checked the form. */
export function parsePath(path: string): JsonPath {
  return [...path.matchAll(/\.([A-Za-z0-9_-]+)|\[(\d+)\]/g)].map(([, key, index]) => key ?? Number(index));
}

/** The value at the path, own properties only, or undefined. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  let at = root;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}
