import { tellParent } from '../sim/child-lines.ts';
import { drawCourse } from './course.ts';
import { memoTraining } from './memo-training.ts';
import { readProtocol } from './protocol.ts';
import { runArm } from './run-arm.ts';
import type { SeedJob } from './runs.ts';
import { courseWorld } from './world.ts';

/** Runs one seed under each requested arm; prints one JSON line per arm. */
// Stdin closes when the parent ends, so the child ends too.
process.stdin.resume().on('end', () => process.exit(1));
const job = JSON.parse(process.argv[2]!) as SeedJob;
const { protocol } = readProtocol();
const course = drawCourse(protocol, job);
const world = await courseWorld(protocol, course, job.trains);
const training = memoTraining();
for (const arm of job.arms) {
  await tellParent(await runArm({ protocol, course, arm, world, training }));
}
process.exit(0);
