import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { request } from 'node:https';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect, type ConnectionOptions } from 'node:tls';
import { initAuthority } from '../../cloud/pki/make-authority.ts';
import { authorityInFolder } from '../../cloud/pki/testing/authority-in-folder.ts';
import { assertClosedDoor } from '../../cloud/compose/api-door.ts';
import { until } from '../../shared/testing/until.ts';
import { buildRegion } from '../region/region.ts';
import { debianTool } from '../testing/debian.ts';
import { freePorts } from '../testing/free-ports.ts';
import { folderOf, start, type Started } from './testing/started.ts';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
}

interface Asked {
  readonly ca?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

function ask(url: string, { ca, method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const options = { method, headers: { ...json, ...headers }, agent: false, ...(ca === undefined ? {} : { ca }) };
  const call = (url.startsWith('https') ? request : requestPlain)(url, options, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (more: string) => (text += more));
    response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
  });
  call.once('error', reject);
  call.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

/** Starts a cloud with this API configuration; returns the URL that it prints. */
async function startCloud(t: TestContext, folder: string, api: string): Promise<{ cloud: Started; url: string }> {
  writeFileSync(join(folder, 'region.json'), JSON.stringify(buildRegion(['owd'])));
  const config = join(folder, 'cloud.yaml');
  writeFileSync(config, `region: ${folder}/region.json\ndata: ${folder}/data\nuplink: { port: 0 }\napi: ${api}\n`);
  mkdirSync(join(folder, 'data'));
  await initAuthority({ data: join(folder, 'data'), rootKey: '', now: Date.now() }, 'Loadstone');
  const cloud = start(t, 'cloud', '--config', config);
  await cloud.says(/Loadstone cloud: /);
  return { cloud, url: /Loadstone cloud: (\S+)/.exec(cloud.said())![1]! };
}

const signIn = (url: string, cloud: Started, more: Asked = {}): Promise<Answer> => {
  const password = /one-time password (\S+);/.exec(cloud.said())![1]!;
  return ask(`${url}/v1/session`, { ...more, method: 'POST', body: { user: 'admin', password } });
};

const versionAt = (options: ConnectionOptions): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(options, () => {
      resolve(socket.getProtocol() ?? '');
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });

test(
  'the cloud serves page and API over HTTPS with a certificate of its own authority',
  { timeout: 240_000 },
  async (t) => {
    const folder = folderOf(t);
    const { cloud, url } = await startCloud(t, folder, '{ port: 0, tls: {}, guests: true }');
    const ca = readFileSync(join(folder, 'data', 'pki', 'roots.pem'), 'utf8');
    assert.match(url, /^https:\/\/localhost:\d+$/);
    assert.equal((await ask(`${url}/health`, { ca })).status, 200);
    await assert.rejects(ask(`${url}/health`), { code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' });
    const port = Number(new URL(url).port);
    await assert.rejects(ask(`http://localhost:${port}/health`));
    const at = { port, host: 'localhost', ca };
    assert.equal(await versionAt(at), 'TLSv1.3');
    assert.equal(await versionAt({ ...at, maxVersion: 'TLSv1.2' }), 'TLSv1.2');
    assert.match(await versionAt({ ...at, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }), /^ERR_SSL|ECONNRESET/);

    const signedIn = await signIn(url, cloud, { ca, headers: { origin: url } });
    assert.equal(signedIn.status, 200, signedIn.text);
    assert.match(
      String(signedIn.headers['set-cookie']),
      /^__Host-loadstone-session=.*; HttpOnly; Secure; SameSite=Strict$/,
    );
    const foreign = await signIn(url, cloud, { ca, headers: { origin: url.replace('https', 'http') } });
    assert.equal(foreign.status, 403, 'plain HTTP has another origin');
    cloud.child.kill('SIGTERM');
    await cloud.ended;
  },
);

test(
  'the cloud trusts headers of a configured proxy only, and behind it no client counts as loopback',
  { timeout: 240_000 },
  async (t) => {
    const folder = folderOf(t);
    const apiPort = await freePorts(3);
    const [proxyPort, barePort] = [apiPort + 1, apiPort + 2];
    const front = await authorityInFolder(t, Date.now());
    const ca = front.issuing.roots();
    const origin = `https://localhost:${proxyPort}`;
    const { cloud } = await startCloud(
      t,
      folder,
      `{ port: ${apiPort}, guests: true, publicOrigin: "${origin}", trustedProxies: [127.0.0.1] }`,
    );
    const pem = join(folder, 'front.pem');
    writeFileSync(pem, front.server);
    const conf = join(folder, 'nginx.conf');
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${folder}/${of};`);
    const to = `proxy_pass http://127.0.0.1:${apiPort}; proxy_set_header Host $host:$server_port;`;
    writeFileSync(
      conf,
      `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { }
http { access_log off; ${temp.join(' ')}
  server { listen 127.0.0.1:${proxyPort} ssl; ssl_certificate ${pem}; ssl_certificate_key ${pem};
    location / { ${to} proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme; } }
  server { listen 127.0.0.1:${barePort};
    location / { proxy_pass http://127.0.0.1:${apiPort}; } } }
`,
    );
    const { path, env } = debianTool('nginx');
    const nginx = spawn(path, ['-e', join(folder, 'error.log'), '-c', conf], { stdio: 'ignore', env });
    t.after(() => nginx.kill('SIGKILL'));
    await until('nginx', () =>
      ask(`${origin}/health`, { ca }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );

    const spoofed = { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' };
    for (const headers of [{}, spoofed])
      assert.equal(
        (await ask(`${origin}/v1/substations`, { ca, headers })).status,
        401,
        'no guest access through the proxy',
      );
    const signedIn = await signIn(origin, cloud, { ca, headers: { origin } });
    assert.equal(signedIn.status, 200, signedIn.text);
    assert.match(String(signedIn.headers['set-cookie']), /^__Host-.*; Secure; /);
    assert.equal(signedIn.headers['strict-transport-security'], undefined, 'not for localhost');

    const bare = `http://localhost:${barePort}`;
    const secret = await signIn(bare, cloud);
    assert.equal(secret.status, 403, secret.text);
    assert.match(secret.text, /require HTTPS/);
    assert.equal((await ask(`${bare}/v1/substations`)).status, 401);
    const lying = await signIn(bare, cloud, { headers: { 'x-forwarded-for': '127.0.0.1' } });
    assert.equal(lying.status, 403);
    cloud.child.kill('SIGTERM');
    await cloud.ended;
  },
);

test('the cloud refuses to serve the network without HTTPS', () => {
  const api = { host: '127.0.0.1', publicOrigin: '', trustedProxies: [] as string[], tls: undefined };
  const said = (more: object): string => {
    try {
      assertClosedDoor({ ...api, ...more } as unknown as Parameters<typeof assertClosedDoor>[0]);
      return 'opened';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const address = Object.values(networkInterfaces()).flat()[0]?.address ?? '10.0.0.5';
  const publicOrigin = 'https://grid.example';
  const tls = { certFile: '', keyFile: '' };
  assert.equal(said({}), 'opened');
  assert.equal(said({ host: '0.0.0.0', tls }), 'opened');
  assert.equal(said({ host: '0.0.0.0', publicOrigin, trustedProxies: [address] }), 'opened');
  assert.match(
    said({ host: '0.0.0.0' }),
    /api\.host 0\.0\.0\.0: passwords and tokens would be sent unencrypted; set api\.tls/,
  );
  assert.match(
    said({ publicOrigin }),
    /api\.publicOrigin .*name the proxy in api\.trustedProxies, such as \[127\.0\.0\.1\]/,
  );
  assert.match(said({ trustedProxies: ['127.0.0.1'] }), /api\.trustedProxies needs api\.publicOrigin/);
  for (const entry of ['proxy.lan', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.0/8/8', '1', ''])
    assert.match(said({ publicOrigin, trustedProxies: [entry] }), /is neither an address nor a network/, entry);
});
