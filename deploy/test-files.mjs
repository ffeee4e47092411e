// Runs test files one after the other in this process: what one has loaded and compiled, the next one need not.
// Each is a suite of its tests, named by its path: they begin when all of it has been read. It tells when it begins, and at its end how
// long it took and what it has used of the processors, with all child processes that have ended.
import './test-seed.mjs';
import './test-context.mjs';
import { appendFileSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { MARK } from './test-watch.mjs';

const { mock, suite } = await import('node:test');

const TICKS_PER_S = 100;
/** As they are before a test puts a clock of its own in their place. */
const wallMs = Date.now.bind(Date);
const runMs = performance.now.bind(performance);

export async function runFiles(files, told) {
  const [, script] = process.argv;
  const tell = (row) => appendFileSync(told, `${JSON.stringify({ script, pid: process.pid, at: wallMs(), ...row })}\n`);
  process.env[MARK] = script;
  // Of the first file: the start of the process too.
  let usedS = 0;
  for (const file of files) {
    const began = runMs();
    tell({ file, state: 'begins' });
    await suite(file, async () => {
      await import(pathToFileURL(file).href);
    });
    // What a file has put in the place of something is not for the next one.
    mock.reset();
    const nowS = processorS();
    const wallS = (runMs() - began) / 1000;
    tell({ file, state: 'ended', wallS, cpuS: nowS - usedS });
    usedS = nowS;
  }
  tell({ file: files.at(-1), state: 'all ended' });
}

/** utime, stime, cutime and cstime of proc(5). */
function processorS() {
  const ticks = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1).split(' ').slice(11, 15);
  return ticks.reduce((sum, each) => sum + Number(each), 0) / TICKS_PER_S;
}
