// Loaded before each test file: at its end it tells what the file has used of the processors, with all child processes that have ended.
import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const TICKS_PER_S = 100;
const told = process.env.LOADSTONE_TEST_CPU;

if (isMainThread && told !== undefined)
  process.on('exit', () => {
    // utime, stime, cutime and cstime of proc(5).
    const ticks = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1).split(' ').slice(11, 15);
    const seconds = ticks.reduce((sum, each) => sum + Number(each), 0) / TICKS_PER_S;
    appendFileSync(told, `${process.argv[1]}\t${seconds}\n`);
  });
