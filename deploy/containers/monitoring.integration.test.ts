import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { metricsText } from '../../cloud/api/metrics.ts';
import { PlainDoor } from '../../cloud/compose/plain-door.ts';
import { openStandbyDoor } from '../../cloud/compose/standby-door.ts';
import { startCloud, type RunningCloud } from '../../cloud/main.ts';
import { testRegion } from '../../cloud/plan/testing/fixture.ts';
import { makeRig } from '../../edge/cycle/testing/rig.ts';
import { gatewayMetrics } from '../../edge/watch/gateway-metrics.ts';
import { WatchServer } from '../../edge/watch/watch-server.ts';
import { until } from '../../shared/testing/until.ts';
import { freePort } from '../../simulators/testing/free-ports.ts';
import { debianTool } from '../debian.mjs';

const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'ls-watch-'));
const TOKEN = 'a'.repeat(64);
const CREDENTIALS = join(folder, 'token');

const promtool = (...args: string[]) => {
  const { path, env } = debianTool('promtool');
  const { status, stdout, stderr } = spawnSync(path, args, { encoding: 'utf8', env, cwd: here });
  return { status, said: stdout + stderr };
};

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}
interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

const read = (path: string): string => readFileSync(join(here, path), 'utf8');
const rules = (parse(read('prometheus/alerts.yaml')) as Rules).groups.flatMap((group) => group.rules);
const panels = readdirSync(join(here, 'grafana/dashboards')).flatMap(
  (file) => (JSON.parse(read(`grafana/dashboards/${file}`)) as Dashboard).panels,
);
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** Additional metrics of a cloud that shares its database and has job nodes. */
async function tellsShared(): Promise<string> {
  const none = (): number => 0;
  const lanes = { plan: 1, train: 1, planner: 1 };
  const text = await metricsText({
    ingest: () => ({
      frames: 0,
      duplicates: 0,
      heldBack: 0,
      overBudget: 0,
      rebirths: 0,
      heldPoints: 0,
      failedWrites: 0,
    }),
    events: async () => 0,
    state: () => ({ away: null, commitMs: 5, term: 1 }),
    nodes: () => ({
      threads: lanes,
      waiting: lanes,
      dead: 0,
      aloneSince: null,
      asked: 0,
      running: lanes,
      queued: lanes,
      nodes: [],
      late: 0,
    }),
    promotions: () => ({ duel: 0, age: 0 }),
    connectedGateways: none,
    plantTime: none,
    onLoopDelay: () => undefined,
    onFrameWait: () => undefined,
    gateways: () => [],
  })();
  return text.replaceAll(/^(?!.*loadstone_(?:state|node|tasks)_).*\n/gm, '');
}

let cloud: RunningCloud;
let watch: WatchServer;
let watchPort: number;
before(async () => {
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(CREDENTIALS, TOKEN);
  writeFileSync(join(data, 'users.htpasswd'), '');
  writeFileSync(join(folder, 'region.json'), JSON.stringify(testRegion('owd')));
  const sha256 = createHash('sha256').update(TOKEN).digest('hex');
  const callers = JSON.parse(
    read('secrets.sample/callers.json').replace('SHA-256-OF-PROMETHEUS-TOKEN', sha256),
  ) as object;
  writeFileSync(join(folder, 'callers.json'), JSON.stringify(callers));
  cloud = await startCloud({
    file: 'test',
    text: `region: ${folder}/region.json\ndata: ${data}\napi: { port: 0, callersFile: ${folder}/callers.json }\nuplink: { plainPort: 0 }\n`,
    flags: {},
    dashboardRoot: undefined,
    parent: undefined,
    log: () => undefined,
  });
  const world = await makeRig();
  await world.run(5);
  watch = new WatchServer({
    stalled: () => null,
    lacks: () => [],
    metrics: gatewayMetrics(() => world.gateway.status()),
  });
  watchPort = await watch.listen('127.0.0.1:0');
});
after(async () => {
  await watch.close();
  await cloud.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('promtool accepts configuration and rules, and alerts fire when they should', () => {
  // The file names in the configuration are paths inside the containers.
  for (const file of ['prometheus.yaml', 'prometheus-scale.yaml']) {
    const config = parse(read(`prometheus/${file}`)) as { scrape_configs: { authorization?: object }[] };
    const local = {
      ...config,
      rule_files: [join(here, 'prometheus/alerts.yaml')],
      scrape_configs: config.scrape_configs.map((each) =>
        each.authorization === undefined ? each : { ...each, authorization: { credentials_file: CREDENTIALS } },
      ),
    };
    writeFileSync(join(folder, 'checked.yaml'), stringify(local));
    const checked = promtool('check', 'config', '--lint=all', '--lint-fatal', join(folder, 'checked.yaml'));
    assert.equal(checked.status, 0, `${file}: ${checked.said}`);
    assert.match(checked.said, new RegExp(`${rules.length} rules found`));
  }
  const tested = promtool('test', 'rules', 'alerts.test.yaml');
  assert.equal(tested.status, 0, tested.said);
  writeFileSync(join(folder, 'wrong.yaml'), read('prometheus/alerts.yaml').replace('== 0', '=== 0'));
  assert.notEqual(promtool('check', 'rules', join(folder, 'wrong.yaml')).status, 0);
});

test('a real Prometheus scrapes a running cloud and gateway and has every metric that an expression names', async (t) => {
  const config = parse(read('prometheus/prometheus.yaml')) as {
    scrape_configs: { job_name: string; scheme?: string; tls_config?: object; authorization?: object }[];
  };
  const place = { host: '127.0.0.1', port: 0, tls: undefined };
  const standing = () => ({ ok: true, why: 'another cloud owns the region' });
  const body = await tellsShared();
  const doors = [
    await openStandbyDoor({ ...place, standing }),
    await PlainDoor.open({ ...place, answer: () => ({ status: 200, type: 'text/plain; version=0.0.4', body }) }),
  ];
  t.after(() => Promise.all(doors.map((door) => door.close())));
  const cloudPorts = [new URL(cloud.url).port, ...doors.map(({ port }) => port)];
  const targets = {
    cloud: cloudPorts.map((each) => `127.0.0.1:${each}`),
    gateway: [`127.0.0.1:${watchPort}`],
  };
  cpSync(join(here, 'prometheus/alerts.yaml'), join(folder, 'alerts.yaml'));
  const local = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(folder, 'alerts.yaml')],
    scrape_configs: config.scrape_configs.map(({ job_name, authorization }) => ({
      job_name,
      ...(authorization === undefined ? {} : { authorization: { credentials_file: CREDENTIALS } }),
      static_configs: [{ targets: targets[job_name as keyof typeof targets] }],
    })),
  };
  writeFileSync(join(folder, 'prometheus.yaml'), stringify(local));
  const port = await freePort();
  const { path, env } = debianTool('prometheus');
  const prometheus = spawn(
    path,
    [
      `--config.file=${folder}/prometheus.yaml`,
      `--storage.tsdb.path=${folder}/tsdb`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  prometheus.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  t.after(async () => {
    prometheus.kill('SIGKILL');
    if (prometheus.exitCode === null && prometheus.signalCode === null) await once(prometheus, 'close');
  });
  const ask = async (query: string): Promise<{ status: string; data: { result: { value: [number, string] }[] } }> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
    return (await answer.json()) as never;
  };
  // On a busy machine a scrape now and then misses its second, and what it would have shown is stale for that second.
  const shown = async (expr: string): Promise<number> => (await ask(expr)).data.result.length;
  await until(
    () => said.slice(-2000),
    async () => (await shown('max_over_time(up[1h]) == 1')) === 4,
  );
  const named = new Set<string>();
  for (const [where, expr] of expressions) {
    assert.equal((await ask(expr)).status, 'success', `${where}: ${expr}`);
    for (const [name] of expr.matchAll(/\bloadstone_\w+/g)) named.add(name);
  }
  assert.ok(named.size > 20);
  // For a gateway that was never heard, the cloud knows only its session and its gaps.
  const unheard = ['loadstone_gateway_backlog_frames', 'loadstone_gateway_cycle_overruns'];
  let missing: string[] = [];
  await until(
    () => `no value of ${missing.join(', ')}`,
    async () => {
      missing = [];
      for (const name of named) if ((await shown(`last_over_time(${name}[1h])`)) === 0) missing.push(name);
      return missing.every((name) => unheard.includes(name));
    },
  );
  assert.deepEqual(missing.sort(), unheard);
  const text = await (await fetch(`${cloud.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text();
  for (const name of missing) assert.match(text, new RegExp(`^# TYPE ${name} gauge$`, 'm'));
});

test('health checks of the containers follow /health of a running cloud and gateway', async (t) => {
  const check = (name: string, variables: NodeJS.ProcessEnv) => {
    const line = /^HEALTHCHECK .* CMD (\[.*\])$/m.exec(read(`${name}.Dockerfile`))![1]!;
    const [, ...args] = JSON.parse(line) as string[];
    const child = spawn(process.execPath, args, { env: { ...process.env, ...variables }, stdio: 'ignore' });
    return once(child, 'close').then(([code]) => code as number);
  };
  const { port } = new URL(cloud.url);
  assert.equal(await check('cloud', { LOADSTONE_API__PORT: port }), 0);
  assert.equal(await check('edge', { LOADSTONE_WATCH__LISTEN: `0.0.0.0:${watchPort}` }), 0);
  // api.allowedHosts of the containers has localhost, but no address.
  const strict = createServer((request, response) => {
    response.writeHead(request.headers.host === 'localhost' ? 200 : 403).end();
  }).listen(0, '127.0.0.1');
  t.after(() => strict.close());
  await once(strict, 'listening');
  assert.equal(await check('cloud', { LOADSTONE_API__PORT: String((strict.address() as AddressInfo).port) }), 0);
  const nobody = String(await freePort());
  assert.equal(await check('cloud', { LOADSTONE_API__PORT: nobody }), 1);
  assert.equal(await check('edge', { LOADSTONE_WATCH__LISTEN: `0.0.0.0:${nobody}` }), 1);
});
