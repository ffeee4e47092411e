#!/usr/bin/env node
// Starts the pinned Node with the command line of Loadstone. Plain JavaScript: it must run on any Node from 20 on.
import { spawn } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fewFilesOptions } from './few-files.mjs';
import { pinnedNode } from './pinned-node.mjs';

export { pinnedNode };

const here = dirname(fileURLToPath(import.meta.url));

/** Sources as they were compiled last: else each thread loads and keeps the 10 MB of what strips their types. */
const COMPILED = join(here, '..', '.cache', 'compiled');

/** What a command's process is started with besides: gateways live on small machines, each thread of a cloud has a heap of its own. */
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
