// Loaded before the test files. A fixed seed gives the same examples in each run, so a failure points to the change at hand.
// LOADSTONE_SEED=N tries others. A failing property always prints its seed and path.
import { configureGlobal } from 'fast-check';

const seed = Number(process.env.LOADSTONE_SEED ?? 20_261_124);
if (!Number.isSafeInteger(seed))
  throw new Error(`LOADSTONE_SEED is ${process.env.LOADSTONE_SEED}; expected an integer`);
configureGlobal({ seed });
