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
import { build, type Plugin } from 'esbuild';
import { licencesOf, packagesOf } from './licences.ts';
import flags from './node-flags.json' with { type: 'json' };
import { nodeFolder } from './node-folder.ts';
import { writeSbom } from './sbom.ts';
import { writeStartScript } from './start-script.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

const ENTRIES = {
  loadstone: 'deploy/edge-cli.ts',
  'uplink.worker': 'edge/uplink/uplink.worker.ts',
  'inference.child': 'shared/inference/inference.child.ts',
  'training.child': 'edge/federated/training.child.ts',
};

/** Small young generations, small rather than fast code, one malloc arena for all threads; see node-flags.json. */
export const GATEWAY_FLAGS: readonly string[] = ['--disable-warning=ExperimentalWarning', ...flags.edge.args];
export const GATEWAY_ENV: Readonly<Record<string, string>> = flags.edge.env;

/**
 * Worker threads and child processes are started by their file's URL. In the bundle these files end in .mjs and lie beside their caller.
 */
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

/** ONNX Runtime looks for its library in its own package. In the bundle the library lies beside the file. */
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
  /** Size of all files but Node. */
  readonly besideNodeBytes: number;
}

/** Rebuilds the folder and returns its size. */
export async function packageEdge({ out, arch }: PackOptions): Promise<Packed> {
  const node = nodeFolder(arch, root);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: out,
    outExtension: { '.js': '.mjs' },
    // Code that only some sites or commands need gets a file of its own and uses no memory elsewhere.
    splitting: true,
    bundle: true,
    platform: 'node',
    target: 'node26',
    format: 'esm',
    sourcemap: false,
    // Names are kept so that stack traces in a log stay readable.
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
  const bundled = packagesOf(Object.keys(metafile.inputs));
  writeFileSync(join(out, 'THIRD-PARTY-LICENSES'), licencesOf(bundled.map((folder) => resolve(root, folder))));
  writeSbom(out, 'loadstone-edge', bundled);
  copyFileSync(join(root, 'deploy', 'systemd', 'loadstone-edge.service'), join(out, 'loadstone-edge.service'));
  writeStartScript(join(out, 'loadstone'), {
    node: 'node',
    program: 'loadstone.mjs',
    ...flags.edge,
  });
  chmodSync(join(out, 'node'), 0o755);
  const nodeBytes = statSync(join(out, 'node')).size;
  return { folder: out, nodeBytes, besideNodeBytes: bytesIn(out) - nodeBytes };
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
