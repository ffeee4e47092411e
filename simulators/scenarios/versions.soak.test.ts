import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CommandView } from '../../shared/contracts/command.ts';
import type { DeviceRowView, SelectionView } from '../../shared/contracts/desk.ts';
import { until } from '../../shared/testing/until.ts';
import { withDemo, type RunningDemo } from './testing/running-demo.ts';

/** Version 0.1.0. */
const OLD = '3f009d6';
const GATEWAY = 'owd-01';
const BATTERY = `${GATEWAY}/battery-1`;
const OVERRIDE = { setpoint: { activePowerKw: -50 }, durationS: 36_000, reason: 'relieve the feeder' };
const NEAR_KW = 2;
const FRAMES = 500;

const here = join(import.meta.dirname, '..', '..');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'loadstone-versions-')));
const old = join(folder, OLD);

before(() => {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: here, encoding: 'utf8' });
  assert.equal(
    git('cat-file', '-e', `${OLD}^{commit}`).status,
    0,
    `git has no commit ${OLD} (version 0.1.0): type "git fetch --unshallow"`,
  );
  mkdirSync(old);
  const packed = join(folder, 'old.tar');
  assert.equal(git('archive', '--output', packed, OLD).status, 0);
  execFileSync('tar', ['-xf', packed, '-C', old]);
  // Installs the packages of its own lock file. npm runs on the machine's own Node, which does not know the options of ours.
  const { NODE_OPTIONS: _, ...env } = process.env;
  execFileSync('npm', ['ci', '--prefer-offline'], { cwd: old, stdio: 'inherit', env });
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** Makes the demo of version 0.1.0 run one of its parts from this version, as after an upgrade of that part alone. */
function withOurs(part: 'cloud' | 'edge'): Readonly<Record<string, string>> {
  const [from, to] = [old, here].map((root) => JSON.stringify(pathToFileURL(join(root, 'deploy', 'cli.ts')).href));
  const file = join(folder, `our-${part}.mjs`);
  writeFileSync(
    file,
    `import { registerHooks } from 'node:module';
    import { readFileSync, writeFileSync } from 'node:fs';
    const resolve = (specifier, context, next) => next(specifier === ${from} ? ${to} : specifier, context);
    if (process.argv[2] === '${part}') {
      registerHooks({ resolve });
      // The old demo takes every other message of a cloud for a spike.
      const send = process.send?.bind(process);
      process.send = (message) => !['ready', 'progress', 'cycle'].includes(message.type) || send(message);
      const config = process.argv.find((each) => each.endsWith('cloud.yaml'));
      // What the changelog asks of an upgrade.
      if (config !== undefined)
        writeFileSync(config, readFileSync(config, 'utf8').replace(/^uplink:\\n  port:/m, 'uplink:\\n  plainPort:'));
    }`,
  );
  return { NODE_OPTIONS: `--import=${pathToFileURL(file).href}` };
}

test('a gateway of version 0.1.0 works with the cloud of this version', () => works('cloud'));
test('a gateway of this version works with the cloud of version 0.1.0', () => works('edge'));

async function works(ours: 'cloud' | 'edge'): Promise<void> {
  await withDemo({ substations: ['owd'], root: old, env: withOurs(ours) }, async (demo) => {
    assert.equal(await namesOperations(demo), ours === 'cloud', 'the cloud has the intended version');
    const { health } = await until('the health of the gateway', async () => {
      const gateway = await demo.gateway(GATEWAY);
      return gateway.health === null ? undefined : gateway;
    });
    assert.equal(health!.software.includes('0.1.0'), ours === 'cloud', `the gateway runs ${health!.software}`);
    await storesTelemetry(demo);
    await acceptsAPlan(demo);
    await carriesOut(demo);
    await demo.interrupt();
  });
}

async function get<T>(demo: RunningDemo, path: string): Promise<T> {
  const answer = await fetch(`${demo.url}${path}`, { headers: { authorization: `Bearer ${demo.token}` } });
  const text = await answer.text();
  assert.equal(answer.status, 200, `${path}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}

/** The API description of version 0.1.0 has no operation names. */
async function namesOperations(demo: RunningDemo): Promise<boolean> {
  const { paths } = await get<{ paths: Record<string, { get?: { operationId?: string } }> }>(demo, '/openapi.json');
  return paths['/v1/devices']?.get?.operationId !== undefined;
}

async function storesTelemetry(demo: RunningDemo): Promise<void> {
  await until('all frames are stored and acknowledged', async () => {
    const { total } = await get<{ total: { stored: number; missing: number } }>(
      demo,
      `/v1/gateways/${GATEWAY}/completeness`,
    );
    const { backlogFrames } = await demo.atSite(GATEWAY);
    return total.stored >= FRAMES && total.missing === 0 && backlogFrames < FRAMES / 2;
  });
}

async function acceptsAPlan(demo: RunningDemo): Promise<void> {
  await until('a plan is accepted, applied and in force', async () => {
    const { health } = await demo.gateway(GATEWAY);
    if (health?.plan.inForce !== true) return false;
    const { stages } = await demo.plan('owd-1');
    return ['accepted', 'applied'].every((wanted) => stages.some(({ stage }) => stage === wanted));
  });
}

/** An operator selects a battery and overrides it: the gateway reports each stage, and the meter shows the result. */
async function carriesOut(demo: RunningDemo): Promise<void> {
  const { id } = await until('the gateway holds the selection, and the override is sent', async () => {
    const selected = await demo.post(`/v1/devices/${BATTERY}/select`, OVERRIDE);
    const { token, command } = (await selected.json()) as SelectionView;
    assert.ok(command, 'the gateway accepts selections');
    await until('the selection is applied', async () => (await reached(demo, command.id)).includes('applied'));
    const answer = await demo.post(`/v1/devices/${BATTERY}/operate`, { token, ...OVERRIDE });
    // The selection lasts half a minute, which a loaded machine may need.
    return answer.status === 202 ? ((await answer.json()) as CommandView) : undefined;
  });
  await until('the override is verified by readback', async () => (await reached(demo, id)).includes('verified'));
  await until('the battery follows its setpoint', async () => {
    const { source, activePowerKw } = await get<DeviceRowView>(demo, `/v1/devices/${BATTERY}`);
    return source === 'override' && Math.abs((activePowerKw.value ?? NaN) - OVERRIDE.setpoint.activePowerKw) <= NEAR_KW;
  });
}

const reached = async (demo: RunningDemo, command: string): Promise<readonly string[]> =>
  (await get<CommandView>(demo, `/v1/commands/${command}`)).stages.map(({ stage }) => stage);
