import { judged, type Attack, type Group } from '../attack.ts';
import { codeIn, shown } from '../door.ts';

/** Nothing of a file, whatever the status. */
const NOTHING = /^(4\d\d|200 the page)/;

const reads = (name: string, target: string): Attack => ({
  id: `paths/${name}`,
  title: `reads ${target}`,
  requirements: ['CR 2.1', 'CR 3.5', 'CR 4.1'],
  expected: 'an error, nothing of the file',
  run: async ({ door }) => {
    const [text = ''] = await door.raw(`GET ${target} HTTP/1.1\r\n${door.host}\r\nConnection: close\r\n\r\n`);
    const isFile = /root:.*:0:0|"kty"|PRIVATE KEY|uplink:/.test(text);
    return judged(isFile ? 'the file' : shown({ status: Number(text.split(' ')[1]), code: codeIn(text) }), NOTHING);
  },
});

/** A request of a signed-in user. */
const asks = (name: string, path: string): Attack => ({
  id: `paths/${name}`,
  title: `requests ${path} as a person who may export`,
  requirements: ['CR 2.1', 'CR 3.5'],
  expected: 'an error, nothing of the file',
  run: async ({ crew }) => {
    const answer = await crew.viewer.asks(path);
    return judged(/"kty"|PRIVATE KEY|SQLite format/.test(answer.text) ? 'the file' : shown(answer), NOTHING);
  },
});

export const pathTraversal: Group = {
  id: 'paths',
  title: 'Path traversal in download and export',
  asset: 'keys and stores in the data folder of the cloud',
  from: 'a client of page and API, with or without an account',
  defence:
    'files are found by ids from a store, never by a requested path: cloud/api/dashboard-page.ts, cloud/api/exports',
  attacks: [
    reads('dots', '/../../../../../../etc/passwd'),
    reads('assets', '/assets/../../../../signing-key.json'),
    reads('encoded', '/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd'),
    reads('twice-encoded', '/assets/%252e%252e%252fetc/passwd'),
    reads('backslash', '/assets/..\\..\\..\\etc\\passwd'),
    reads('null-byte', '/assets/index.html%00.png'),
    reads('api-page', '/api/static/../../../../../etc/passwd'),
    asks('export', '/v1/exports/..%2F..%2Fsigning-key.json'),
    asks('model', '/v1/models/..%2F..%2Fsigning-key.json'),
    asks('job', '/v1/jobs/..%2Fstate.sqlite'),
  ],
};
