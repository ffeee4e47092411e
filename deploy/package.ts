import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packageCloud } from './package-cloud.ts';
import { packageCommonDeb, packageDeb } from './package-deb.ts';
import { packageEdge } from './package-edge.ts';
import { messageOf } from '../shared/outcome/message-of.ts';

const root = resolve(import.meta.dirname, '..');

const HELP = `usage: npm run package:edge -- [--out DIR] [--arch x64|arm64|all] [--no-deb]
       npm run package:cloud -- [--out DIR] [--arch x64|arm64|all] [--no-deb]

Packs the gateway or the cloud for machines without npm: for each architecture a folder with the pinned Node and everything it runs, and
a .deb with the same content. Both need loadstone-common, which is packed too: install the two files together. From a folder, start
./loadstone edge --config gateway.yaml or ./loadstone cloud --config cloud.yaml

  --out DIR    output folder (dist); existing packages are replaced
  --arch ARCH  x64, arm64 or all (all); Node for another architecture comes from the npm registry, as package-lock.json pins it
  --no-deb     write only the folder; a .deb needs dpkg-deb
  --help       this text

exit codes: 0 packed, 1 something is missing or failed, 2 usage
`;

const archs = { x64: ['x64'], arm64: ['arm64'], all: ['x64', 'arm64'] } as const;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: join(root, 'dist') },
    arch: { type: 'string', default: 'all' },
    'no-deb': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
const [tier] = positionals;
const wanted = Object.hasOwn(archs, values.arch) ? archs[values.arch as keyof typeof archs] : undefined;
if (values.help === true || wanted === undefined || (tier !== 'edge' && tier !== 'cloud')) {
  (values.help === true ? process.stdout : process.stderr).write(HELP);
  process.exit(values.help === true ? 0 : 2);
}
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const out = resolve(values.out);
try {
  for (const arch of wanted) {
    const folder = join(out, `loadstone-${tier}-linux-${arch}`);
    if (tier === 'cloud') say(`packed ${await packageCloud({ out: folder, arch })}`);
    else {
      const { nodeBytes, besideNodeBytes } = await packageEdge({ out: folder, arch });
      say(`packed ${folder}: ${megabytes(besideNodeBytes)} plus ${megabytes(nodeBytes)} of Node`);
    }
    if (values['no-deb'] === true) continue;
    const file = packageDeb({ tier, folder, out, arch, version });
    say(`packed ${file}: ${megabytes(statSync(file).size)}`);
  }
  if (values['no-deb'] !== true) say(`packed ${packageCommonDeb({ out, version })}`);
} catch (error) {
  process.stderr.write(`package:${tier}: ${messageOf(error)}\n`);
  process.exit(1);
}
