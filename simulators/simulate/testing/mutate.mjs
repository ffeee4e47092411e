// Preloaded into a run: injects one deliberate bug, to check that the invariants catch it. LOADSTONE_MUTATION: a JSON list of {file, find,
// replace}.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const edits = JSON.parse(process.env.LOADSTONE_MUTATION ?? '[]');

registerHooks({
  load(url, context, nextLoad) {
    const mine = edits.filter(({ file }) => url.endsWith(`/${file}`));
    if (mine.length === 0) return nextLoad(url, context);
    let source = readFileSync(fileURLToPath(url), 'utf8');
    for (const { file, find, replace } of mine) {
      if (source.split(find).length !== 2)
        throw new Error(`${file} does not contain "${find}" exactly once: fix the mutation`);
      source = source.replace(find, () => replace);
    }
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
