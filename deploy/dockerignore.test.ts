import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import dockerignore from '@balena/dockerignore';
import { parse } from 'yaml';

const containers = join(import.meta.dirname, 'containers');
const compose = parse(readFileSync(join(containers, 'compose.yaml'), 'utf8')) as {
  services: Record<string, { build?: { context: string }; volumes?: string[] }>;
  secrets: Record<string, { file: string }>;
};
const contexts = Object.values(compose.services).flatMap(({ build }) =>
  build === undefined ? [] : [resolve(containers, build.context)],
);

/** Whether a file of the build context is sent to the image build. */
function sent(context: string): (path: string) => boolean {
  const rules = join(context, '.dockerignore');
  const ignored = dockerignore.default().add(existsSync(rules) ? readFileSync(rules, 'utf8') : '');
  return (path) => {
    // Docker excludes a whole folder if a rule matches it.
    for (let part = path; part !== '.'; part = dirname(part)) if (ignored.ignores(part)) return false;
    return true;
  };
}

test('no secret or configuration beside the compose file enters an image', () => {
  const beside = [
    ...Object.values(compose.secrets).map(({ file }) => file),
    ...Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0]!).filter((path) => path.startsWith('./')),
    ),
  ];
  assert.ok(beside.length >= 5, beside.join());
  assert.ok(contexts.length >= 2);
  for (const context of contexts) {
    const secrets = [
      ...beside.map((path) => join('deploy/containers', path)),
      'deploy/containers/secrets/README.md',
      'secrets/token',
      '.env',
      'deploy/containers/.env',
      '.git/config',
      '.loadstone/cloud/users.json',
      'cloud/.loadstone/cloud/signing.json',
      'server.key',
      'cloud/ca.pem',
      '.cache/debian/influxdb/usr/bin/influxd',
      'node_modules/fastify/package.json',
    ];
    assert.deepEqual(secrets.filter(sent(context)), []);
  }
});

test('everything an image is built from is in the context', () => {
  const needed = [
    'package.json',
    'package-lock.json',
    '.npmrc',
    'LICENSE',
    'deploy/loadstone.mjs',
    'deploy/systemd/loadstone-edge.service',
    'cloud/main.ts',
    'cloud/compose/secrets.ts',
    'cloud/dashboard/vite.config.ts',
    'edge/main.ts',
    'shared/grid/kernel/kernel.wasm.ts',
    'simulators/data/NOTICE.md',
  ];
  for (const context of contexts) assert.deepEqual(needed.filter(sent(context)), needed);
});
