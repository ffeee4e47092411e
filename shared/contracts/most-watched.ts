/** Limits that a plan's map for the guard may have. Apart from the schema, which threads that only compute do not load. */
export const MOST_WATCHED = 200;
