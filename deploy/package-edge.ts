import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { licencesOf, packagesOf } from './licences.ts';
import flags from './node-flags.json' with { type: 'json' };
import { nodeFolder } from './node-folder.ts';
import { packageDeb } from './package-deb.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

const ENTRIES = {
  loadstone: 'deploy/edge-cli.ts',
  'uplink.worker': 'edge/uplink/uplink.worker.ts',
  'inference.child': 'shared/inference/inference.child.ts',
  'training.child': 'edge/federated/training.child.ts',
};

/** Small young generations, code that is small rather than fast, one malloc arena for all threads: node-flags.json. */
export const GATEWAY_FLAGS: readonly string[] = ['--disable-warning=ExperimentalWarning', ...flags.edge.args];
export const GATEWAY_ENV: Readonly<Record<string, string>> = flags.edge.env;

const HELP = `usage: npm run package:edge -- [--out DIR] [--arch x64|arm64|all] [--no-deb]

Packs the gateway for machines without npm: for each architecture a folder with the pinned Node, the bundled files, one
platform's ONNX Runtime, the systemd unit and the licences, and beside it a .deb of the same. Install the .deb, or copy the folder
to /opt/loadstone and start ./loadstone edge --config gateway.yaml

  --out DIR    where they are written (dist); what is there is replaced
  --arch ARCH  x64, arm64 or all (all); the Node of another architecture comes from the npm registry, as package-lock.json pins it
  --no-deb     only the folder; without it dpkg-deb is needed
  --help       this text

exit codes: 0 packed, 1 something is missing or failed, 2 usage
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

export interface Packed {
  readonly folder: string;
  readonly nodeBytes: number;
  /** All files but Node's. */
  readonly besideNodeBytes: number;
}

/** Writes the folder anew and tells its size. */
export async function packageEdge({ out, arch }: PackOptions): Promise<Packed> {
  const node = nodeFolder(arch, root);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: out,
    outExtension: { '.js': '.mjs' },
    // What only some sites or commands need is a file of its own, and takes no memory elsewhere.
    splitting: true,
    bundle: true,
    platform: 'node',
    target: 'node26',
    format: 'esm',
    sourcemap: false,
    // Names stay, so that a stack in a log can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    external: ['./onnxruntime_binding.node'],
    banner: {
      js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
    },
    plugins: [siblings, onnxRuntime],
  });
  const onnx = dirname(require.resolve('onnxruntime-node/package.json'));
  cpSync(join(onnx, 'bin', 'napi-v6', 'linux', arch), out, { recursive: true });
  copyFileSync(join(node, 'bin', 'node'), join(out, 'node'));
  copyFileSync(join(node, 'LICENSE'), join(out, 'node-LICENSE'));
  copyFileSync(join(root, 'LICENSE'), join(out, 'LICENSE'));
  const bundled = packagesOf(Object.keys(metafile.inputs)).map((folder) => resolve(root, folder));
  writeFileSync(join(out, 'THIRD-PARTY-LICENSES'), licencesOf(bundled));
  copyFileSync(join(root, 'deploy', 'systemd', 'loadstone-edge.service'), join(out, 'loadstone-edge.service'));
  writeFileSync(join(out, 'loadstone'), startScript());
  chmodSync(join(out, 'loadstone'), 0o755);
  chmodSync(join(out, 'node'), 0o755);
  const nodeBytes = statSync(join(out, 'node')).size;
  return { folder: out, nodeBytes, besideNodeBytes: bytesIn(out) - nodeBytes };
}

/** Needs a shell and nothing on its path; a link to the script, as in /usr/local/bin, is followed by the system's readlink. */
function startScript(): string {
  return [
    '#!/bin/sh',
    'self=$0',
    'if [ -L "$self" ]; then self=$(readlink -f "$self"); fi',
    'case $self in */*) here=${self%/*} ;; *) here=. ;; esac',
    ...Object.entries(GATEWAY_ENV).map(([name, value]) => `export ${name}="\${${name}:-${value}}"`),
    `exec "$here/node" ${GATEWAY_FLAGS.join(' ')} "$here/loadstone.mjs" "$@"`,
    '',
  ].join('\n');
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

interface Wanted {
  readonly out: string;
  readonly archs: readonly ('x64' | 'arm64')[];
  readonly deb: boolean;
}

/** Undefined where the command line is wrong. */
function wanted(args: { out?: string; arch?: string; 'no-deb'?: boolean }): Wanted | undefined {
  const archs = { x64: ['x64'], arm64: ['arm64'], all: ['x64', 'arm64'] } as const;
  const arch = args.arch ?? 'all';
  if (arch !== 'x64' && arch !== 'arm64' && arch !== 'all') return undefined;
  return { out: resolve(args.out ?? join(root, 'dist')), archs: archs[arch], deb: args['no-deb'] !== true };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      arch: { type: 'string' },
      'no-deb': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const plan = wanted(values);
  if (values.help === true || plan === undefined) {
    (values.help === true ? process.stdout : process.stderr).write(HELP);
    process.exit(values.help === true ? 0 : 2);
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  try {
    for (const arch of plan.archs) {
      const packed = await packageEdge({ out: join(plan.out, `loadstone-edge-linux-${arch}`), arch });
      const { folder, nodeBytes, besideNodeBytes } = packed;
      process.stdout.write(`packed ${folder}: ${megabytes(besideNodeBytes)} beside Node's ${megabytes(nodeBytes)}\n`);
      if (!plan.deb) continue;
      const file = packageDeb({ folder, out: plan.out, arch, version });
      process.stdout.write(`packed ${file}: ${megabytes(statSync(file).size)}\n`);
    }
  } catch (error) {
    process.stderr.write(`package:edge: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
