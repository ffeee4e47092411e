// Finds the pinned Node and the libraries it needs. As a program it prints the LD_LIBRARY_PATH for it; see the script pinned-node.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianTool } from './debian.mjs';

/** Path of the Node that package-lock.json pins for this platform. If it is not installed, the running Node if that is new enough. */
export function pinnedNode() {
  const name = `node-linux-${process.arch}`;
  try {
    const bin = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin', 'node');
    if (existsSync(bin)) {
      if (realpathSync(process.execPath) !== realpathSync(bin)) bringLibraries(bin);
      return bin;
    }
  } catch (error) {
    // Not installed for this platform; continues below.
    if (error.code !== 'MODULE_NOT_FOUND') fail(error.message);
  }
  if (Number(process.versions.node.split('.')[0]) >= 26) return process.execPath;
  fail(
    `the pinned Node (${name}) is not installed and this Node ${process.versions.node} is older than 26: ` +
      'type "npm ci" on Linux x64 or arm64, or use Node 26',
  );
}

/** A minimal Debian lacks libatomic. Fetches it and sets LD_LIBRARY_PATH for all processes that this one starts. */
function bringLibraries(bin) {
  const { stderr } = spawnSync(bin, ['--version'], { encoding: 'utf8' });
  if (!stderr?.includes('libatomic.so.1')) return;
  const folders = [dirname(debianTool('libatomic').path), process.env.LD_LIBRARY_PATH];
  process.env.LD_LIBRARY_PATH = folders.filter(Boolean).join(delimiter);
}

function fail(message) {
  process.stderr.write(`loadstone: ${message}\n`);
  process.exit(1);
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  pinnedNode();
  process.stdout.write(process.env.LD_LIBRARY_PATH ?? '');
}
