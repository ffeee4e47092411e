import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isSafe } from './callers/way.ts';

/** The page's files; hashed names are kept for a year, the paths that the build lists are screens of the page. */
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

/** Under these nobody looks for a screen: a program asks, and a person who reads its answer is served by the same words. */
const PROGRAMS = ['/v1', '/api', '/assets', '/metrics', '/health', '/livez', '/openapi.json'];

/**
 * Answers a browser that looks for a page where there is none with the dashboard, which says so in its own frame; false where
 * somebody else asks, or something else is asked for.
 */
export const noSuchScreen =
  (root: string) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<boolean> => {
    const path = request.url.split('?')[0]!;
    const ofPrograms = PROGRAMS.some((each) => path === each || path.startsWith(`${each}/`));
    if (!isSafe(request) || ofPrograms || !acceptsPages(request.headers.accept)) return false;
    // Sent as bytes: a kept copy is of a screen that may be there by now, and must not be confirmed by its tag.
    const page = await readFile(join(root, 'index.html'));
    void reply.code(404).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page);
    return true;
  };

/** A browser names pages by their type; programs take anything. */
const acceptsPages = (accept = ''): boolean => accept.split(',').some((each) => /^\s*text\/html\s*(;|$)/i.test(each));
