import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Loads what the threads in the arguments load at their start, and prints the names of the packages as JSON. */
const loaded = new Set<string>();
registerHooks({
  load: (url, context, next) => {
    // TypeBox is bundled into few files (deploy/few-files.mjs).
    const name = /(?:node_modules\/((?:@[\w.-]+\/)?[\w.-]+)|\.cache\/(typebox)-)/.exec(url);
    if (name !== null) loaded.add(name[1] ?? name[2]!);
    return next(url, context);
  },
});
for (const worker of process.argv.slice(2)) {
  const file = pathToFileURL(resolve(worker));
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type ).*from .(\.\S*).;$/gm);
  for (const [, path = ''] of imports) await import(new URL(path, file).href);
}
process.stdout.write(`${JSON.stringify([...loaded])}\n`);
