// Loaded before the test files: the same examples in each run, so that a red run says something about the change before it.
// LOADSTONE_SEED=N tries others (a failing property prints its seed and path all the same).
import { configureGlobal } from 'fast-check';

const seed = Number(process.env.LOADSTONE_SEED ?? 20_261_124);
if (!Number.isSafeInteger(seed))
  throw new Error(`LOADSTONE_SEED is ${process.env.LOADSTONE_SEED}: an integer is right`);
configureGlobal({ seed });
