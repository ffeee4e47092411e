/** How long a stop waits for a slow database, machine time: for that of the desk, then for that of documents. */
export const STOP_STORE_MS = 750;
