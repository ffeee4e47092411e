#!/usr/bin/env node
// Starts the pinned Node with Loadstone's command line. Plain JavaScript, because it must run on any Node from 20 on.
import { spawn } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fewFilesOptions } from './few-files.mjs';
import { pinnedNode } from './pinned-node.mjs';

export { pinnedNode };

const here = dirname(fileURLToPath(import.meta.url));

/** Compile cache. Without it, each thread loads and keeps the 10 MB of the type stripper. */
const COMPILED = join(here, '..', '.cache', 'compiled');

/** Node flags and environment of a command: gateways run on small machines, and each thread of a cloud has its own heap. */
function flagsOf(command) {
  const flags = JSON.parse(readFileSync(join(here, 'node-flags.json'), 'utf8'));
  return Object.hasOwn(flags, command ?? '') ? flags[command] : { args: [], env: {} };
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  const { args, env } = flagsOf(process.argv[2]);
  const child = spawn(
    pinnedNode(),
    ['--disable-warning=ExperimentalWarning', ...args, join(here, 'cli.ts'), ...process.argv.slice(2)],
    {
      stdio: 'inherit',
      env: { NODE_COMPILE_CACHE: COMPILED, ...env, ...process.env, NODE_OPTIONS: await fewFilesOptions() },
    },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
}
