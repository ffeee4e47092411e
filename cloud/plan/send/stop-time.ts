/** A stop waits so long for a database that is slow to answer, machine time: for that of the desk, then for that of documents. */
export const STOP_STORE_MS = 750;
