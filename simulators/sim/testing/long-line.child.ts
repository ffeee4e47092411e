import { tellParent } from '../child-lines.ts';

/** Prints a line of 4 MB and exits at once, as a run of a whole day does. */
await tellParent('x'.repeat(4_000_000));
process.exit(0);
