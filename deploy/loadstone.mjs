#!/usr/bin/env node
// Starts the pinned Node with the command line of Loadstone. Plain JavaScript: it must run on any Node from 20 on.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** The Node that package-lock.json pins for this platform; the running one where it is new enough. */
export function pinnedNode() {
  const name = `node-linux-${process.arch}`;
  try {
    const bin = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin', 'node');
    if (existsSync(bin)) return bin;
  } catch {
    // Not installed for this platform: see below.
  }
  if (Number(process.versions.node.split('.')[0]) >= 26) return process.execPath;
  process.stderr.write(
    `loadstone: the pinned Node (${name}) is not installed and this Node ${process.versions.node} is older than 26.\n` +
      'Run "npm ci" on Linux x64 or arm64, or start with Node 26.\n',
  );
  process.exit(1);
}

/** What a command's process is started with besides: the gateway lives on small machines. */
function flagsOf(command) {
  const flags = JSON.parse(readFileSync(join(here, 'node-flags.json'), 'utf8'));
  return Object.hasOwn(flags, command ?? '') ? flags[command] : { args: [], env: {} };
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  const { args, env } = flagsOf(process.argv[2]);
  const child = spawn(
    pinnedNode(),
    ['--disable-warning=ExperimentalWarning', ...args, join(here, 'cli.ts'), ...process.argv.slice(2)],
    { stdio: 'inherit', env: { ...env, ...process.env } },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
}
