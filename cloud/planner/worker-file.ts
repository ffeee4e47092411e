/** Worker file of the planners' pool. */
export const plannerWorker = new URL('planner.worker.ts', import.meta.url);
