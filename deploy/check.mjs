// npm run check: runs all checks of package.json that need no tests, as many at once as there are cores. A failing check does not stop the
// others. The output of each is shown at its end, and the exit code is then 1.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Longest first. */
const checks = ['lint', 'typecheck', 'describe', 'deadcode', 'layers', 'format:check', 'commits'];
const failed = [];

async function worker() {
  for (let check = checks.shift(); check !== undefined; check = checks.shift()) {
    const began = performance.now();
    const child = spawn('npm', ['run', '--silent', check], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) failed.push(check);
    const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
    process.stdout.write(`${code === 0 ? '' : said}${seconds} s  ${check}${code === 0 ? '' : ' failed'}\n`);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, worker));
if (failed.length > 0) process.stdout.write(`\nfailed: ${failed.join(', ')}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
