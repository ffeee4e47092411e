import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { SCREEN_PATHS, screenPaths } from './screen-paths.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** `npm run dev` serves the page with hot reload and uses this cloud. */
const cloud = process.env['LOADSTONE_URL'] ?? 'http://localhost:8080';
const proxied = { target: cloud, changeOrigin: true, headers: { origin: cloud } };

/** Tells the server which paths are screens, so that it answers them with the page. */
const screens: Plugin = {
  name: 'screens',
  generateBundle() {
    const paths = [...screenPaths().values()].map(({ path }) => path);
    this.emitFile({ type: 'asset', fileName: SCREEN_PATHS, source: JSON.stringify(paths) });
  },
};

/** The page's policy forbids inline scripts and styles, so nothing is inlined and every asset has a hashed name. */
export default defineConfig(({ command }) => {
  // With NODE_ENV=development from the shell, operators would get the slower development page.
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
