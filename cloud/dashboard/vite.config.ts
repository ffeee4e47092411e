import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { SCREEN_PATHS, screenPaths } from './screen-paths.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** `npm run dev` serves the page with hot reload and asks this cloud. */
const cloud = process.env['LOADSTONE_URL'] ?? 'http://localhost:8080';
const proxied = { target: cloud, changeOrigin: true, headers: { origin: cloud } };

/** Tells the server which addresses are screens, so that a link into the page is answered with it. */
const screens: Plugin = {
  name: 'screens',
  generateBundle() {
    const paths = [...screenPaths().values()].map(({ path }) => path);
    this.emitFile({ type: 'asset', fileName: SCREEN_PATHS, source: JSON.stringify(paths) });
  },
};

/** The page's policy forbids inline script and style, so nothing is inlined and every asset carries its hash. */
export default defineConfig(({ command }) => {
  // A shell that says NODE_ENV=development would give operators the slower page of developers.
  if (command === 'build') process.env['NODE_ENV'] = 'production';
  return {
    root: here('./web'),
    base: '/',
    logLevel: 'warn',
    publicDir: here('./web/public'),
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    plugins: [screens],
    server: { proxy: { '/v1': proxied, '/api': proxied, '/openapi.json': proxied } },
    build: {
      outDir: here('./dist'),
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  };
});
