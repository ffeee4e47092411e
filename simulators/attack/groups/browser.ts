import { judged, refused, succeeded, type Group } from '../attack.ts';
import { shown } from '../door.ts';
import { pause } from '../held-gateway.ts';
import { hire } from '../instance.ts';

const NOTE = { method: 'POST', body: { text: 'written by another page' } } as const;

const REFUSED = /^403 LS-API-003$/;
const DONE = /^2\d\d$/;

export const browserAttacks: Group = {
  id: 'browser',
  title: 'CSRF, clickjacking, role revoked while the event stream runs, answers cached across users, a desk left alone',
  asset: 'the session of an operator',
  from: 'another page in the browser of an operator, a person whose rights were withdrawn, and anyone at an unattended desk',
  defence:
    'SameSite cookie, origin and token, frame policy, rights rechecked while a stream runs, session lock: cloud/api/access.ts, cloud/api/stream.ts',
  attacks: [
    {
      id: 'browser/csrf-token',
      title: 'makes the browser of an operator write without the page token',
      requirements: ['CR 3.8', 'CR 2.1'],
      expected: '403 LS-API-003',
      run: async ({ crew: { operator }, door }) => {
        const headers = { cookie: operator.cookie, origin: door.origin };
        return judged(shown(await door.ask('/v1/shift/notes', { ...NOTE, headers })), REFUSED, DONE);
      },
    },
    {
      id: 'browser/csrf-origin',
      title: 'makes the browser of an operator write from a page of another origin',
      requirements: ['CR 3.8', 'CR 2.1'],
      expected: '403 LS-API-003',
      run: async ({ crew: { operator } }) => {
        const headers = { origin: 'https://evil.example' };
        return judged(shown(await operator.asks('/v1/shift/notes', { ...NOTE, headers })), REFUSED, DONE);
      },
    },
    {
      id: 'browser/rebinding',
      title: 'sends its own host name, as DNS rebinding would',
      requirements: ['CR 3.8', 'CR 3.5'],
      expected: '403 LS-API-003',
      run: async ({ door }) =>
        judged(
          shown(await door.ask('/v1/session', { headers: { host: 'evil.example' } })),
          REFUSED,
          /^(2\d\d|401 LS-API-002)$/,
        ),
    },
    {
      id: 'browser/cross-origin-read',
      title: 'reads an answer from a page of another origin',
      requirements: ['CR 4.1'],
      expected: 'no header that allows it',
      run: async ({ door }) => {
        const { headers } = await door.ask('/v1/session', { headers: { origin: 'https://evil.example' } });
        const lets = headers['access-control-allow-origin'];
        return lets === undefined ? refused('no header that allows it') : succeeded(String(lets));
      },
    },
    {
      id: 'browser/clickjacking',
      title: 'shows the page in a frame',
      requirements: ['CR 3.8'],
      expected: 'frame-ancestors none, X-Frame-Options DENY, no inline script',
      run: async ({ door }) => {
        // Framing concerns the page, not the API.
        const { status, headers } = await door.ask('/', { headers: { accept: 'text/html' } });
        const seen = [headers['x-frame-options'], headers['content-security-policy']].join('; ');
        return judged(
          `${status} ${seen}`,
          // If the page has not been built, a 404 has the same headers.
          /^(200|404) DENY; (?=.*frame-ancestors 'none')(?!.*unsafe-inline)/,
          /^(200|404) /,
        );
      },
    },
    {
      id: 'browser/stolen-cookie',
      title: 'reads a session cookie by script, over plain HTTP, or from another site',
      requirements: ['CR 3.8', 'CR 4.1'],
      expected: 'HttpOnly, Secure, SameSite=Strict',
      run: async ({ crew: { viewer }, door }) => {
        const body = { user: viewer.name, password: viewer.password };
        const { headers } = await door.ask('/v1/session', { method: 'POST', headers: { origin: door.origin }, body });
        const cookie = String(headers['set-cookie']).replace(/^([^=]+)=[^;]*/, '$1');
        return judged(cookie, /^__Host-.*HttpOnly.*Secure.*SameSite=Strict/);
      },
    },
    {
      id: 'browser/cached-answers',
      title: 'finds the answer to another person in an intermediate cache',
      requirements: ['CR 4.1', 'CR 4.2'],
      expected: 'private or no-store',
      run: async ({ crew: { admin, viewer } }) => {
        const paths = ['/v1/gateways', '/v1/devices', '/v1/session', '/v1/users'];
        const answers = await Promise.all(paths.map((path) => (path === '/v1/users' ? admin : viewer).asks(path)));
        const open = paths.filter((_, at) => {
          if (answers[at]!.status !== 200) throw new Error(`${paths[at]} answers ${shown(answers[at]!)}`);
          const control = String(answers[at]!.headers['cache-control'] ?? '');
          return !/private|no-store/.test(control);
        });
        return open.length === 0 ? refused('private or no-store') : succeeded(`may be cached: ${open.join(', ')}`);
      },
    },
    {
      id: 'browser/locked-desk',
      title: 'acts at a desk that its operator locked and left, and reports presence',
      requirements: ['CR 2.5'],
      expected: '423 LS-API-019 each time',
      run: async ({ crew }) => {
        const away = await hire(crew, 'walter', 'operator');
        const presence = (present: boolean) => away.asks('/v1/session/presence', { method: 'PUT', body: { present } });
        const locked = await presence(false);
        if (locked.status !== 200) throw new Error(`the desk is not locked: ${shown(locked)}`);
        const seen = [await away.asks('/v1/shift/notes', NOTE), await presence(true)];
        return judged(seen.map(shown).join(', '), /^423 LS-API-019, 423 LS-API-019$/, /\b2\d\d\b/);
      },
    },
    {
      id: 'browser/stream-outlives-role',
      title: 'keeps reading the event stream after losing its role',
      requirements: ['CR 1.3', 'CR 2.1', 'CR 2.6'],
      expected: 'the stream ends',
      run: async ({ crew, door }) => {
        const { admin } = crew;
        const leaver = await hire(crew, 'leaver', 'viewer');
        const socket = await door.socket();
        const ended = new Promise<string>((resolve) => socket.once('close', () => resolve('the stream ends')));
        let text = '';
        const began = new Promise<void>((resolve) =>
          socket.on('data', (bytes: Buffer) => {
            text += bytes.toString();
            if (text.includes('data:')) resolve();
          }),
        );
        socket.write(
          `GET /v1/stream?topics=region HTTP/1.1\r\n${door.host}\r\nCookie: ${leaver.cookie}\r\nConnection: close\r\n\r\n`,
        );
        await began;
        const gone = await admin.asks('/v1/users/leaver', { method: 'PUT', body: { roles: [], areas: '*' } });
        if (gone.status !== 200) throw new Error(`the role is not withdrawn: ${shown(gone)}`);
        const seen = await Promise.race([ended, pause(90_000).then(() => 'the stream continues')]);
        socket.destroy();
        return judged(seen, /ends/);
      },
    },
  ],
};
