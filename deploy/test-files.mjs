// Runs test files one after the other in this process, so that they share loaded and compiled modules. Each file is a suite named by its
// path; its tests start once the whole file has been read. Each file reports when it begins, and at its end how long it took and how much
// CPU time it used, including ended child processes.
import './test-seed.mjs';
import './test-context.mjs';
import { appendFileSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { MARK } from './test-watch.mjs';

const { mock, suite } = await import('node:test');

const TICKS_PER_S = 100;
/** Saved before a test replaces the clock. */
const wallMs = Date.now.bind(Date);
const runMs = performance.now.bind(performance);

export async function runFiles(files, told) {
  const [, script] = process.argv;
  const tell = (row) => appendFileSync(told, `${JSON.stringify({ script, pid: process.pid, at: wallMs(), ...row })}\n`);
  process.env[MARK] = script;
  // The first file also counts the start of the process.
  let usedS = 0;
  for (const file of files) {
    const began = runMs();
    tell({ file, state: 'begins' });
    await suite(file, async () => {
      await import(pathToFileURL(file).href);
    });
    // Mocks of one file must not leak into the next.
    mock.reset();
    const nowS = processorS();
    const wallS = (runMs() - began) / 1000;
    tell({ file, state: 'ended', wallS, cpuS: nowS - usedS });
    usedS = nowS;
  }
  tell({ file: files.at(-1), state: 'all ended' });
}

/** CPU time: utime, stime, cutime and cstime of proc(5). */
function processorS() {
  const ticks = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1).split(' ').slice(11, 15);
  return ticks.reduce((sum, each) => sum + Number(each), 0) / TICKS_PER_S;
}
