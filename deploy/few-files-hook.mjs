// Preloaded into processes and their threads; see few-files.mjs. The query of its URL names the folder in .cache. Imports from outside this
// folder, such as from another version of Loadstone, resolve to their own node_modules.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

const root = new URL('..', import.meta.url).href;
const folder = new URL(`.cache/${new URL(import.meta.url).search.slice(1)}/`, root);
const files = new Map([
  ['typebox', 'index.mjs'],
  ['typebox/compile', 'compile.mjs'],
  ['typebox/value', 'value.mjs'],
]);

if (existsSync(folder))
  registerHooks({
    resolve(specifier, context, next) {
      const file = files.get(specifier);
      if (file === undefined || context.parentURL?.startsWith(root) !== true) return next(specifier, context);
      return { url: new URL(file, folder).href, format: 'module', shortCircuit: true };
    },
  });
