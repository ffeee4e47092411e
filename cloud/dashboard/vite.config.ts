import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** `npm run dev` serves the page with hot reload and asks this cloud. */
const cloud = process.env['LOADSTONE_URL'] ?? 'http://localhost:8080';
const proxied = { target: cloud, changeOrigin: true, headers: { origin: cloud } };

/** The page's policy forbids inline script and style, so nothing is inlined and every asset carries its hash. */
export default defineConfig({
  root: here('./web'),
  base: '/',
  logLevel: 'warn',
  publicDir: here('./web/public'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: { proxy: { '/v1': proxied, '/api': proxied, '/openapi.json': proxied } },
  build: {
    outDir: here('./dist'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
