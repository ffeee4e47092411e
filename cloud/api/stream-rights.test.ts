import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RIGHTS } from '../access/roles.ts';
import { shownEvent } from './testing/api-fixture.ts';
import { roleRig } from './testing/role-rig.ts';

/** Starts a streaming server; returns how a user of a role opens a stream. */
async function streaming() {
  const live = await roleRig();
  live.stream.start();
  await live.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = live.app.server.address() as { port: number };
  const open = async (role: string) => {
    const { cookie } = (await live.signIn(role)).headers;
    const answer = await fetch(`http://127.0.0.1:${port}/v1/stream?topics=event`, { headers: { cookie } });
    assert.equal(answer.status, 200);
    return answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  };
  return { live, open };
}

test('a narrowed role is announced on its own streams only', async () => {
  const { live, open } = await streaming();
  const operator = await open('operator');
  const planner = await open('planner');
  await live.people.putUser({ name: 'operator', roles: ['viewer'], areas: '*', disabled: false });
  live.deps.notify({ kind: 'event', data: shownEvent(9) });
  const seen = await Promise.all(
    [operator, planner].map(async (reader) => {
      let text = '';
      while (!text.includes('{"id":9,')) text += (await reader.read()).value ?? '';
      return [...text.matchAll(/event: session\ndata: (.*)/g)].map(([, data]) => JSON.parse(data!) as unknown);
    }),
  );
  const of = (role: keyof typeof RIGHTS) => ({ rights: RIGHTS[role], locked: false });
  assert.deepEqual(seen, [[of('operator'), of('viewer')], [of('planner')]]);
  live.stream.stop();
});

test('revoking a role ends its stream; other streams continue', async () => {
  const { live, open } = await streaming();
  const viewer = await open('viewer');
  const operator = await open('operator');
  await live.people.putUser({ name: 'viewer', roles: [], areas: '*', disabled: false });
  for (let part = await viewer.read(); !part.done; part = await viewer.read());
  live.deps.notify({ kind: 'event', data: shownEvent(9) });
  let seen = '';
  while (!seen.includes('{"id":9,')) seen += (await operator.read()).value ?? '';
  live.stream.stop();
});
