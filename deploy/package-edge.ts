import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

const ENTRIES = {
  loadstone: 'deploy/edge-cli.ts',
  'uplink.worker': 'edge/uplink/uplink.worker.ts',
  'inference.child': 'edge/forecast/inference.child.ts',
};

/**
 * How the gateway's Node runs: what the cycle makes is short-lived and little, so small young generations, code that is small
 * rather than fast, and one malloc arena for all threads save a quarter of its memory.
 */
export const GATEWAY_FLAGS = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=1',
  '--optimize-for-size',
] as const;
export const GATEWAY_ENV = { MALLOC_ARENA_MAX: '1' } as const;

const HELP = `usage: node deploy/package-edge.ts [--out DIR] [--arch x64|arm64]

Packs the gateway for machines without npm: one folder with the pinned Node, three bundled files, one platform's ONNX Runtime,
the systemd unit and the licences. Copy it to /opt/loadstone and start ./loadstone edge --config gateway.yaml
`;

/** Sibling threads and processes are started by their file's URL: in the bundle they end in .mjs and stand beside it. */
const siblings: Plugin = {
  name: 'siblings',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\/(edge|shared|deploy)\/.*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replaceAll(
        /new URL\('[^']*?([\w-]+\.(?:worker|child))\.ts', import\.meta\.url\)/g,
        "new URL('./$1.mjs', import.meta.url)",
      ),
    }));
  },
};

/** ONNX Runtime looks for its library in its own package: in the bundle it stands beside the file. */
const onnxRuntime: Plugin = {
  name: 'onnxruntime',
  setup(esbuild) {
    esbuild.onLoad({ filter: /onnxruntime-node\/dist\/binding\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const contents = text.replace(
        /require\(`[^`]*onnxruntime_binding\.node`\)/,
        "require('./onnxruntime_binding.node')",
      );
      if (contents === text) throw new Error(`${path} no longer loads its binding as this packer expects`);
      return { loader: 'js', contents };
    });
  },
};

export interface PackOptions {
  readonly out: string;
  readonly arch: 'x64' | 'arm64';
}

/** Writes the folder and returns its path. */
export async function packageEdge({ out, arch }: PackOptions): Promise<string> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node26',
    format: 'esm',
    sourcemap: false,
    legalComments: 'linked',
    logLevel: 'warning',
    external: ['./onnxruntime_binding.node'],
    banner: {
      js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
    },
    plugins: [siblings, onnxRuntime],
  });
  const runtime = join(dirname(require.resolve('onnxruntime-node/package.json')), 'bin', 'napi-v6', 'linux', arch);
  cpSync(runtime, out, { recursive: true });
  copyFileSync(join(dirname(require.resolve(`node-linux-${arch}/package.json`)), 'bin', 'node'), join(out, 'node'));
  copyFileSync(join(root, 'LICENSE'), join(out, 'LICENSE'));
  copyFileSync(join(root, 'deploy', 'systemd', 'loadstone-edge.service'), join(out, 'loadstone-edge.service'));
  writeFileSync(
    join(out, 'loadstone'),
    '#!/bin/sh\nhere=$(dirname "$(readlink -f "$0")")\n' +
      `export ${Object.entries(GATEWAY_ENV)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ')}\n` +
      'exec "$here/node" ' +
      `${GATEWAY_FLAGS.join(' ')} "$here/loadstone.mjs" "$@"\n`,
  );
  chmodSync(join(out, 'loadstone'), 0o755);
  chmodSync(join(out, 'node'), 0o755);
  return out;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, arch: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const arch = values.arch ?? process.arch;
  if (values.help === true || (arch !== 'x64' && arch !== 'arm64')) {
    process.stdout.write(HELP);
    process.exit(values.help === true ? 0 : 2);
  }
  const out = await packageEdge({
    out: resolve(values.out ?? join(root, 'dist', `loadstone-edge-linux-${arch}`)),
    arch,
  });
  process.stdout.write(`packed ${out}\n`);
}
