import { createHmac } from 'node:crypto';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { PostRequest } from './post.ts';

export interface SignedPost extends Pick<PostRequest, 'url' | 'body' | 'reach' | 'ca'> {
  /** `whsec_` and base64. */
  readonly secret: string;
  /** The same for every attempt, so that a receiver can deduplicate. */
  readonly id: string;
  /** Machine time. */
  readonly time: TimeBase;
  readonly post: (request: PostRequest) => Promise<number>;
}

const PATIENCE_MS = 10_000;

/** Posts JSON, signed per Standard Webhooks (standardwebhooks.com). Returns the status; rejects without an answer within 10 s. */
export async function signedPost({ secret, id, time, post, ...request }: SignedPost): Promise<number> {
  const abort = new AbortController();
  const patience = time.after(PATIENCE_MS, () => abort.abort(new Error('no answer within 10 s')));
  const timestamp = String(Math.floor(time.now() / 1000));
  try {
    return await post({
      ...request,
      signal: abort.signal,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Loadstone',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signatureOf(secret, `${id}.${timestamp}.${request.body}`)}`,
      },
    });
  } finally {
    patience.cancel();
  }
}

/** HMAC-SHA256 in base64, keyed by the part after `whsec_`. */
export const signatureOf = (secret: string, content: string): string =>
  createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .update(content)
    .digest('base64');
