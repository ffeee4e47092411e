import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isSafe } from './callers/transport.ts';

/** Serves the dashboard's files. Hashed names may be cached for a year; the paths in the build's list are screens. */
export async function serveDashboard(app: FastifyInstance, root: string): Promise<void> {
  await app.register(fastifyStatic, {
    root,
    wildcard: false,
    setHeaders: (reply, path) => {
      void reply.header(
        'cache-control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
  const screens = JSON.parse(await readFile(join(root, 'assets', 'screens.json'), 'utf8')) as readonly string[];
  for (const screen of screens) {
    if (screen !== '/')
      app.get(screen, { schema: { hide: true }, config: { right: 'public' } }, (_request, reply) =>
        reply.sendFile('index.html'),
      );
  }
}

/** Paths for programs, never screens: errors under them stay JSON, even for a browser. */
const PROGRAMS = ['/v1', '/api', '/assets', '/metrics', '/health', '/livez', '/openapi.json'];

/**
 * Answers a browser that asks for a missing page with the dashboard, which shows the error in its own frame. Returns false for any other
 * client or request.
 */
export const noSuchScreen =
  (root: string) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<boolean> => {
    const path = request.url.split('?')[0]!;
    const ofPrograms = PROGRAMS.some((each) => path === each || path.startsWith(`${each}/`));
    if (!isSafe(request) || ofPrograms || !acceptsPages(request.headers.accept)) return false;
    // Sent as bytes, without a tag: a cached copy must not be confirmed, because the screen may exist by the next visit.
    const page = await readFile(join(root, 'index.html'));
    void reply.code(404).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page);
    return true;
  };

/** Browsers ask for pages by their type; programs accept anything. */
const acceptsPages = (accept = ''): boolean => accept.split(',').some((each) => /^\s*text\/html\s*(;|$)/i.test(each));
