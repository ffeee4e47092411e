import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sweepModule } from '../shared/grid/kernel/sweep-source.ts';

const target = fileURLToPath(new URL('../shared/grid/kernel/sweep-binary.ts', import.meta.url));
const before = readFileSync(target, 'utf8');
const binary = sweepModule();
const lines = Buffer.from(binary)
  .toString('base64')
  .match(/.{1,110}/g)!;
const after = [
  '/** The WebAssembly of sweep-source.ts, in base64. Written by `npm run build:kernel`. */',
  'export const sweepBinary =',
  `${lines.map((line) => `  '${line}'`).join(' +\n')};`,
  '',
].join('\n');
writeFileSync(target, after);
process.stdout.write(`${target}: ${binary.length} bytes, ${after === before ? 'unchanged' : 'changed'}\n`);
