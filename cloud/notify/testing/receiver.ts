import assert from 'node:assert/strict';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { WebhookConfig } from '../webhook-config.ts';

const SECRET = randomBytes(32);

/** A webhook to a receiver on this machine, with its secret in a file. */
export function webhookOf(t: TestContext, given: { readonly port: number } & Partial<WebhookConfig>): WebhookConfig {
  const { port, ...rest } = given;
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-webhook-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const secretFile = join(folder, 'secret');
  writeFileSync(secretFile, `whsec_${SECRET.toString('base64')}\n`);
  const url = `http://127.0.0.1:${port}/in/a-path-that-nobody-knows`;
  return {
    name: 'pager',
    url,
    secretFile,
    caFile: '',
    priority: 2,
    escalateTo: { url: `http://127.0.0.1:${port}/chief`, secretFile },
    escalateAfterMin: 15,
    language: 'en',
    ...rest,
  };
}

interface Got {
  readonly id: string;
  readonly path: string;
  readonly type: string;
  readonly subject: string;
  readonly body: string;
  /** Time of the signing clock, s. */
  readonly signedAt: number;
}

/** A real HTTP server that accepts only messages signed per Standard Webhooks. */
export async function startReceiver(t: TestContext, at = 0) {
  const got: Got[] = [];
  const refused: string[] = [];
  let status = 204;
  let hangsUp = false;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      const id = String(request.headers['webhook-id']);
      if (status >= 300) {
        refused.push(id);
        response.writeHead(status).end();
        return;
      }
      const timestamp = String(request.headers['webhook-timestamp']);
      const [version, code] = String(request.headers['webhook-signature']).split(',');
      const own = createHmac('sha256', SECRET).update(`${id}.${timestamp}.${body}`).digest();
      const theirs = Buffer.from(code ?? '', 'base64');
      const isSigned = version === 'v1' && theirs.length === own.length && timingSafeEqual(theirs, own);
      if (!isSigned) {
        response.writeHead(401).end();
        return;
      }
      const { type, data } = JSON.parse(body) as { type: string; data: { subject?: string } };
      const [path, signedAt] = [request.url ?? '', Number(timestamp)];
      got.push({ id, path, type, subject: data.subject ?? '', body, signedAt });
      // Accepted, but the answer is lost.
      if (hangsUp) request.socket.destroy();
      else response.writeHead(status).end();
    });
  });
  await new Promise<void>((done) => server.listen(at, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  t.after(stop);
  assert.ok(port > 0);
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    /** Accepted messages with a valid signature. */
    got,
    /** Ids of messages that got another answer. */
    refused,
    answer: (next: number) => void (status = next),
    hangUp: (does: boolean) => void (hangsUp = does),
    stop,
  };
}
