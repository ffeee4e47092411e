/** File of the thread that works for planners. */
export const plannerWorker = new URL('planner.worker.ts', import.meta.url);
