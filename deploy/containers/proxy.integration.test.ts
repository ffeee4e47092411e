import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { authorityInFolder } from '../../cloud/pki/testing/authority-in-folder.ts';
import { until } from '../../shared/testing/until.ts';
import { freePort } from '../../simulators/testing/free-ports.ts';
import { debianTool } from '../debian.mjs';

const CONF = readFileSync(join(import.meta.dirname, 'proxy', 'nginx.conf'), 'utf8');

/** A node that answers with its name, or with 503 while it is away. */
async function nodeOf(t: TestContext, name: string) {
  const port = await freePort();
  const node = { name, port, asked: 0, isAway: false };
  const server: Server = createServer((asked, response) => {
    if (asked.url !== '/health') node.asked++;
    const { host, 'x-forwarded-for': from, 'x-forwarded-proto': by } = asked.headers;
    response.writeHead(node.isAway ? 503 : 200).end(JSON.stringify({ name, host, from, by }));
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const end = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return Object.assign(node, { end });
}

test('nginx as shipped skips an api node that is away or gone, and never repeats an act', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ls-proxy-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [one, two] = [await nodeOf(t, 'one'), await nodeOf(t, 'two')];
  const port = await freePort();
  const authority = await authorityInFolder(t, Date.now());
  const pem = join(folder, 'proxy.pem');
  writeFileSync(pem, authority.server);
  const conf = join(folder, 'nginx.conf');
  const local = CONF.replaceAll('/tmp/', `${folder}/`)
    .replaceAll('/run/secrets/proxy.pem', pem)
    .replace('api-1:8080', `127.0.0.1:${one.port}`)
    .replace('api-2:8080', `127.0.0.1:${two.port}`)
    .replace('listen 8443', `listen 127.0.0.1:${port}`);
  writeFileSync(conf, local);
  const { path, env } = debianTool('nginx');
  const nginx = spawn(path, ['-e', 'stderr', '-g', 'daemon off; master_process off;', '-c', conf], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env,
  });
  t.after(() => nginx.kill('SIGKILL'));
  let said = '';
  nginx.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ask = (method: string, url: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
    const options = { method, ca: authority.issuing.roots(), agent: false };
    const call = request(`https://localhost:${port}${url}`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    call.once('error', reject);
    call.end();
    return promise;
  };
  await until(
    () => `nginx: ${said}`,
    async () => (await ask('GET', '/proxy-health')).status === 204,
  );
  const told = JSON.parse((await ask('GET', '/v1/substations')).text) as Record<string, string>;
  assert.deepEqual([told['host'], told['from'], told['by']], [`localhost:${port}`, '127.0.0.1', 'https']);

  const names = async (count: number, method = 'GET'): Promise<string[]> => {
    const answers = [];
    for (let n = 0; n < count; n++) answers.push(await ask(method, '/v1/substations'));
    return answers.map(({ status, text }) =>
      status === 200 ? (JSON.parse(text) as { name: string }).name : `${status}`,
    );
  };
  assert.deepEqual(new Set(await names(6)), new Set(['one', 'two']), 'requests go to both');
  one.isAway = true;
  assert.deepEqual(await names(6), Array<string>(6).fill('two'), 'one is away');
  two.isAway = true;
  const before = one.asked + two.asked;
  assert.deepEqual(await names(1, 'POST'), ['503'], 'an act goes to one node');
  assert.equal(one.asked + two.asked, before + 1);
  [one.isAway, two.isAway] = [false, false];
  two.end();
  await until('the remaining one answers', async () => (await names(1))[0] === 'one');
  assert.deepEqual(await names(4), Array<string>(4).fill('one'), 'two has gone');
});
