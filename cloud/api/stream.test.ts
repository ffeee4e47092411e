import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { until } from '../../shared/testing/until.ts';
import { buildApi } from './app.ts';
import { fixtureDeps, openedPeople, shownEvent } from './testing/api-fixture.ts';

const PART = 'x'.repeat(200_000);
const PARTS = 100;

test('a frozen browser is cut off when its queue is full: it costs the server no more, and others nothing', async (context) => {
  const clock = new SystemClock((error) => {
    throw error;
  });
  const deps = fixtureDeps({ clock });
  const { app, stream } = await buildApi(deps);
  context.after(async () => {
    stream.stop();
    await app.close();
  });
  stream.start();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const url = `http://127.0.0.1:${port}/v1/stream?topics=event`;

  const frozen = connect(port, '127.0.0.1');
  await once(frozen, 'connect');
  frozen.write(`GET /v1/stream?topics=event HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await once(frozen, 'readable');
  frozen.pause();
  const good = (await fetch(url)).body!.pipeThrough(new TextDecoderStream()).getReader();
  let read = 0;
  const reads = (async () => {
    while (read < PARTS * PART.length) read += (await good.read()).value?.length ?? 0;
  })();

  const sockets = (): Promise<number> =>
    new Promise((done) => app.server.getConnections((_error, count) => done(count)));
  const before = await sockets();
  for (let part = 0; part < PARTS; part++) {
    deps.notify({ kind: 'event', data: shownEvent(1, PART) });
    // One that reads gets its turn between two messages.
    await pause(5);
  }
  await reads;
  await until('the frozen one is cut off', async () => (await sockets()) < before);

  let received = 0;
  frozen.on('data', (bytes) => (received += bytes.length));
  frozen.on('error', () => undefined);
  frozen.resume();
  await once(frozen, 'close');
  assert.ok(received < (PARTS * PART.length) / 2, `it was sent ${received} bytes after it had stopped reading`);
});

test('one person does not take all streams: further ones are refused while others still read, and one that closes makes room', async (context) => {
  const clock = new SystemClock((error) => {
    throw error;
  });
  const people = openedPeople();
  const { app, stream } = await buildApi(fixtureDeps({ clock, people, guests: false }));
  context.after(async () => {
    stream.stop();
    await app.close();
  });
  stream.start();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const open = async (cookie: string) => {
    const abort = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/stream?topics=event`, {
      headers: { cookie: `loadstone-session=${cookie}` },
      signal: abort.signal,
    });
    return { answer, close: () => abort.abort() };
  };
  const sessions = await Promise.all(
    ['anna', 'bert'].map(async (name) => {
      await people.ensureUser({ name, roles: ['viewer'], areas: '*' }, 'a-password-of-theirs');
      return people.signIn(name, 'a-password-of-theirs');
    }),
  );
  const [anna, bert] = sessions as [string, string];
  const first = [];
  for (;;) {
    const each = await open(anna);
    first.push(each);
    if (!each.answer.ok) break;
    assert.ok(first.length < 100, 'there is no end');
  }
  assert.equal(((await first.at(-1)!.answer.json()) as { code: string }).code, 'LS-API-008');
  const other = await open(bert);
  assert.equal(other.answer.status, 200);
  first[0]!.close();
  const again = await until('there is room for another', async () => {
    const each = await open(anna);
    return each.answer.ok && each;
  });
  for (const { close } of [...first, other, again]) close();
});
