/** How long a stop waits for a slow database, machine time: for that of the desk, then for that of documents. */
export const STOP_STORE_MS = 750;
/** The same for a store that answers others meanwhile: a stop to a whole fleet waits for those before it. */
export const MOST_STOP_STORE_MS = 5000;
