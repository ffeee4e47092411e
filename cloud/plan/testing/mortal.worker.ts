import work from '../optimise.worker.ts';

/** The optimiser's thread, which dies under a task while `deaths` is above zero. */
export default function run(call: Parameters<typeof work>[0] & { input: { deaths?: Int32Array } }): unknown {
  const { deaths } = call.input;
  if (deaths !== undefined && Atomics.sub(deaths, 0, 1) > 0) process.exit(9);
  return work(call);
}
