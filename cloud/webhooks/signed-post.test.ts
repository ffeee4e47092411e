import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import type { PostRequest } from './post.ts';
import { signedPost } from './signed-post.ts';

test('a body is signed as in the Standard Webhooks reference', async () => {
  const sent: PostRequest[] = [];
  await signedPost({
    url: 'https://hooks.example.com/in',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    body: '{"test": 2432232314}',
    reach: 'public',
    time: new VirtualClock(1_614_265_330_000).machine,
    post: async (request) => sent.push(request),
  });
  const { headers, body } = sent[0]!;
  assert.deepEqual(
    [headers['webhook-id'], headers['webhook-timestamp'], headers['webhook-signature'], body],
    [
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      '1614265330',
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      '{"test": 2432232314}',
    ],
  );
});
