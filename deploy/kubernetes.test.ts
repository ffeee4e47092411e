import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments, parse } from 'yaml';
import { ALIVE } from '../cloud/api/app.ts';
import { cloudChecks, CloudConfig } from '../cloud/config.ts';
import { LANES } from '../cloud/task-queue/lanes.ts';
import { taskQueue } from '../cloud/task-queue/topology.ts';
import { readConfig } from '../shared/config/read-config.ts';

const here = join(import.meta.dirname, 'kubernetes');
const read = (...path: string[]): string => readFileSync(join(import.meta.dirname, ...path), 'utf8');

interface PortProbe {
  readonly tcpSocket?: { readonly port: string };
}
interface PathProbe {
  readonly httpGet: {
    readonly path: string;
    readonly port: string;
    readonly scheme: string;
    readonly httpHeaders: readonly { readonly name: string; readonly value: string }[];
  };
}
interface Container {
  readonly image: string;
  readonly args?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: object;
  readonly resources: Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>>>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly startupProbe?: PortProbe;
  readonly livenessProbe?: PathProbe;
  readonly readinessProbe?: PathProbe;
}
interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
}
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

const files = globSync('*.yaml', { cwd: here }).sort();
const manifests = files
  .filter((file) => file !== 'kustomization.yaml')
  .flatMap((file) =>
    parseAllDocuments(read('kubernetes', file)).map((document) => {
      assert.deepEqual(document.errors, [], file);
      return { file, value: document.toJS() as Manifest };
    }),
  );
const all = (kind: string): Manifest[] => manifests.map(({ value }) => value).filter((each) => each.kind === kind);
const named = (kind: string, name: string): Manifest => {
  const found = all(kind).find(({ metadata }) => metadata.name === name);
  assert.ok(found, `${kind} ${name}`);
  return found;
};
const kustomization = parse(read('kubernetes', 'kustomization.yaml')) as {
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string; readonly newName: string; readonly digest: string }[];
};
const configs = named('ConfigMap', 'loadstone').data!;
const configOf = (file: string): CloudConfig =>
  readConfig(CloudConfig, { file, text: configs[file] ?? '' }, cloudChecks);

interface Pod {
  readonly file: string;
  readonly name: string;
  readonly role: string | undefined;
  readonly spec: PodSpec;
  readonly container: Container;
}
const pods = manifests.flatMap(({ file, value }): Pod[] => {
  const { kind, spec, metadata } = value;
  const template = (spec?.['template'] ?? undefined) as
    | { readonly metadata: { readonly labels: Readonly<Record<string, string>> }; readonly spec: PodSpec }
    | undefined;
  const podSpec = kind === 'Pod' ? (spec as unknown as PodSpec) : template?.spec;
  if (podSpec === undefined) return [];
  assert.equal(podSpec.containers.length, 1);
  const role = template?.metadata.labels['role'];
  return [{ file, name: metadata.name, role, spec: podSpec, container: podSpec.containers[0]! }];
});
const nodes = pods.filter(({ role }) => role !== undefined);

test('every manifest matches the schemas of Kubernetes and KEDA, which reject invalid ones', async () => {
  assert.ok(manifests.length > 15);
  for (const { file, value } of manifests) {
    const why = await faultOf(value);
    assert.equal(why, undefined, `${file}: ${value.kind} ${value.metadata.name}: ${why}`);
  }
  const owner = structuredClone(named('StatefulSet', 'owner')) as { spec: Record<string, unknown> };
  assert.match((await faultOf({ ...owner, spec: { ...owner.spec, replicas: 'two' } } as never)) ?? '', /replicas/);
  assert.match((await faultOf({ ...owner, spec: { ...owner.spec, replica: 2 } } as never)) ?? '', /replica/);
  const scaled = structuredClone(named('ScaledObject', 'job')) as { spec: Record<string, unknown> };
  assert.match((await faultOf({ ...scaled, spec: { ...scaled.spec, triggers: {} } } as never)) ?? '', /triggers/);
});

const byHand = ['keys.yaml', 'kustomization.yaml', 'secrets.sample.yaml'];

test('kustomization.yaml applies everything except the files to apply by hand, in one namespace', () => {
  assert.deepEqual(
    [...kustomization.resources].sort(),
    files.filter((file) => !byHand.includes(file)),
  );
  for (const { value } of manifests)
    if (value.kind !== 'Namespace') assert.equal(value.metadata.namespace, 'loadstone', value.metadata.name);
});

test('a drain of the cluster leaves one api node and one job node running', () => {
  const budgets = all('PodDisruptionBudget').map(({ spec }) => spec);
  assert.deepEqual(
    budgets.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    ['api', 'job'].map((role) => ({ minAvailable: 1, selector: { matchLabels: { app: 'loadstone', role } } })),
  );
  assert.ok(Number(named('Deployment', 'api').spec['replicas']) > 1);
  assert.ok(Number(named('ScaledObject', 'job').spec['minReplicaCount']) > 1);
});

test('every pod runs unprivileged on a read-only root, within limits, from an image pinned by digest', () => {
  assert.deepEqual(nodes.flatMap(({ role }) => role ?? []).sort(), ['api', 'job', 'owner']);
  const [, uid] = /useradd .*--uid (\d+) /.exec(read('containers', 'cloud.Dockerfile')) ?? [];
  const [{ name: written, newName, digest }] = kustomization.images as [(typeof kustomization.images)[number]];
  assert.match(digest, /^sha256:[0-9a-f]{64}$/);
  for (const { file, name, spec, container } of pods) {
    const { seccompProfile, runAsUser, runAsNonRoot } = spec.securityContext;
    assert.deepEqual([seccompProfile, runAsNonRoot], [{ type: 'RuntimeDefault' }, true], name);
    assert.equal(runAsUser, Number(uid), `${name}: the user of the image`);
    assert.equal(spec.automountServiceAccountToken, false, name);
    assert.deepEqual(
      container.securityContext,
      { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      name,
    );
    for (const part of ['requests', 'limits'] as const)
      assert.deepEqual(Object.keys(container.resources[part]).sort(), ['cpu', 'memory'], name);
    // kustomize sets the image only in what it applies itself.
    assert.equal(container.image, byHand.includes(file) ? `${newName}@${digest}` : written, name);
  }
});

test('the cloud accepts each configuration; it has the role of its node and names secrets that the node gets', () => {
  const sample = new Map(all('Secret').map(({ metadata, stringData }) => [metadata.name, Object.keys(stringData!)]));
  const used = new Set<string>();
  for (const { name, role, spec, container } of nodes) {
    const file = basename(container.args!.at(-1)!);
    used.add(file);
    const config = configOf(file);
    assert.equal(config.roles[0], role, name);
    const keys = [...configs[file]!.matchAll(/\/run\/secrets\/loadstone\/([\w.-]+)/g)].map(([, key]) => key!);
    // Only the owner is an administrator of the broker.
    const user = role === 'owner' ? 'loadstone' : `loadstone-${role}`;
    assert.equal(config.uplink.rabbitmq?.user, user, name);
    const { secretName = '' } = spec.volumes.find(({ secret }) => secret !== undefined)?.secret ?? {};
    assert.deepEqual([...new Set(keys)].sort(), [...sample.get(secretName)!].sort(), `${name}: ${secretName}`);
    const data = container.volumeMounts.find(({ mountPath }) => config.data.startsWith(mountPath));
    assert.ok(data !== undefined && data.readOnly !== true, `${name}: ${config.data} is written`);
  }
  assert.deepEqual([...used].sort(), Object.keys(configs).sort());
});

test('the owner StatefulSet sets no replicas, so that one owner claims the new database first', () => {
  assert.equal(named('StatefulSet', 'owner').spec['replicas'], undefined);
});

/** Source files that answer the paths of each role. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  owner: ['cloud/api/app.ts', 'cloud/api/dashboard-page.ts'],
  api: ['cloud/api/app.ts', 'cloud/api/dashboard-page.ts'],
  job: ['cloud/compose/job-node.ts'],
};

test('readiness probes use an answered path, and only a closed port restarts a node', () => {
  for (const { name, role, container } of nodes) {
    const { api } = configOf(basename(container.args!.at(-1)!));
    const { path, port, scheme, httpHeaders } = container.readinessProbe!.httpGet;
    const sources = ANSWERS[role!]!.map((file) => read('..', file));
    assert.ok(
      sources.some((text) => text.includes(`'${path}'`)),
      `${name}: ${path}`,
    );
    assert.equal(scheme, api.tls === undefined ? 'HTTP' : 'HTTPS', name);
    assert.equal(container.ports!.find((each) => each.name === port)?.containerPort, api.port, name);
    const host = httpHeaders.find((each) => each.name === 'Host')?.value ?? '';
    assert.ok(api.allowedHosts.includes(host), `${name}: ${host}`);
    // GET /health is 503 if a dependency is away, which a restart would not fix.
    assert.deepEqual(container.startupProbe?.tcpSocket, { port }, name);
    // The kernel accepts connections for a hanging process, so the probe needs an HTTP answer.
    assert.deepEqual(container.livenessProbe?.httpGet, { path: ALIVE, port, scheme, httpHeaders }, name);
  }
});

test('KEDA watches the queues of this version', () => {
  const { triggers } = named('ScaledObject', 'job').spec as { triggers: { metadata: { queueName: string } }[] };
  assert.deepEqual(
    triggers.map(({ metadata }) => metadata.queueName),
    LANES.map(taskQueue),
  );
});

test('the network policy allows exactly the named connections, including those of the configurations', () => {
  const policies = all('NetworkPolicy').map(({ spec }) => spec as unknown as Policy);
  const nothing = policies.find(({ podSelector }) => Object.keys(podSelector).length === 0);
  assert.deepEqual(nothing, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  const portsTo = (role: string): number[] =>
    policies
      .filter(({ podSelector }) => selects(podSelector, role))
      .flatMap(({ egress = [] }) => egress)
      .filter(({ to }) => JSON.stringify(to).includes('engines'))
      .flatMap(({ ports }) => ports.map(({ port }) => port))
      .sort((a, b) => a - b);
  assert.deepEqual(portsTo('owner'), [5432, 5671, 8086, 8883, 15_671]);
  assert.deepEqual([portsTo('job'), portsTo('api')], [[5671], [5432, 5671]]);
});

interface Policy {
  readonly podSelector: {
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly { readonly values: readonly string[] }[];
  };
  readonly egress?: readonly { readonly to: object; readonly ports: readonly { readonly port: number }[] }[];
}

const selects = ({ matchLabels = {}, matchExpressions = [] }: Policy['podSelector'], role: string): boolean =>
  (matchLabels['role'] ?? role) === role &&
  matchExpressions.every(({ values }) => values.includes(role)) &&
  Object.keys(matchLabels).length + matchExpressions.length > 0;

/** Violations of the schemas in a manifest. The schemas accept unknown keys, so a key that no schema reads also counts as a fault. */
async function faultOf(manifest: Manifest): Promise<string | undefined> {
  const { apiVersion, kind } = manifest;
  const models = apiVersion.startsWith('keda.sh/') ? '@kubernetes-models/keda' : 'kubernetes-models';
  const module = (await import(`${models}/${apiVersion}`)) as Record<
    string,
    new (value: object) => { validate(): void }
  >;
  const unread = new Set<string>();
  try {
    Object.assign(new module[kind]!({}), watched(manifest, '', unread)).validate();
  } catch (error) {
    return String(error);
  }
  return unread.size === 0 ? undefined : `unknown: ${[...unread].join(', ')}`;
}

/** A proxy for the value. `unread` holds the paths of its keys that have not been read yet. */
function watched(value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const inner = new Map<string | symbol, unknown>();
  for (const [key, each] of Object.entries(value)) {
    unread.add(`${path}/${key}`);
    inner.set(key, watched(each, `${path}/${key}`, unread));
  }
  return new Proxy(value, {
    get: (target, key) => {
      unread.delete(`${path}/${String(key)}`);
      return inner.has(key) ? inner.get(key) : (Reflect.get(target, key) as unknown);
    },
  });
}
