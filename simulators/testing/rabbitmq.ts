import { spawn, type ChildProcess } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { BrokerAddress } from '../../cloud/ingest/rabbitmq/address.ts';
import { debianTool } from './debian.ts';
import { freePort, freePorts } from './free-ports.ts';

export interface RabbitOptions {
  /** Folder of its data and configuration; reusing it keeps the data. */
  readonly dir: string;
  /** The server's key and certificate, and the roots that verify gateways, PEM. */
  readonly tls: { readonly server: string; readonly roots: string };
  /** Also offers MQTT without TLS. */
  readonly isPlain?: boolean;
}

export interface RunningRabbit {
  /** Address and credentials for a cloud on the same machine. */
  readonly address: BrokerAddress;
  /** The same for another machine: TLS everywhere. */
  readonly farAddress: BrokerAddress;
  /** MQTT over TLS, for gateways. */
  readonly gatewayPort: number;
  /** The same without TLS; unused unless `isPlain`. */
  readonly plainPort: number;
  readonly pid: number;
  readonly isRunning: boolean;
  /** The end of its log. */
  said(): string;
  /** kill -9 of the node. */
  kill(): Promise<void>;
  /** Restarts on the same folder and ports. Resolves once it answers. */
  start(): Promise<void>;
  /** Ends it permanently. */
  stop(): Promise<void>;
}

const SHIPPED = join(import.meta.dirname, '..', '..', 'deploy', 'rabbitmq', 'rabbitmq.conf');
const USER = 'cloud';
const PASSWORD = 'a long password of the test';
/** One scheduler that never spins: the node shares the machine with other tests. */
const ERL_ARGUMENTS = '+S 1:1 +SDcpu 1:1 +SDio 1 +sbwt none +sbwtdcpu none +sbwtdio none';

/** A real RabbitMQ on loopback with the shipped configuration, except for ports and paths. */
export async function startRabbit(options: RabbitOptions): Promise<RunningRabbit> {
  const { epmdPort, end } = await startEpmd();
  const node = { ...options, epmdPort, name: 'loadstone@localhost', home: options.dir, more: '', onStop: end };
  return startNode(node).catch((error: unknown) => {
    end();
    throw error;
  });
}

export interface NodeOptions extends RabbitOptions {
  /** Its name among the nodes. */
  readonly name: string;
  /** Port of the epmd in which nodes register. */
  readonly epmdPort: number;
  /** Shared by the nodes of a cluster; holds their cookie. */
  readonly home: string;
  /** Configuration lines after the shipped ones. */
  readonly more: string;
  readonly onStop?: () => void;
}

/** One node, registered at an epmd. */
export async function startNode(options: NodeOptions): Promise<RunningRabbit> {
  const { dir, tls, isPlain = false, name, epmdPort, home, more, onStop } = options;
  const { path, env } = debianTool('rabbitmq');
  // Consecutive: ports drawn one by one could collide.
  const amqp = await freePorts(7);
  const [management, gatewayPort, amqps, secureManagement, dist, plainPort] = [1, 2, 3, 4, 5, 6].map(
    (at) => amqp + at,
  ) as [number, number, number, number, number, number];
  mkdirSync(dir, { recursive: true });
  const files = { server: join(dir, 'server.pem'), roots: join(dir, 'roots.pem') };
  writeFileSync(files.server, tls.server, { mode: 0o600 });
  writeFileSync(files.roots, tls.roots);
  writeFileSync(
    join(dir, 'rabbitmq.conf'),
    `${readFileSync(SHIPPED, 'utf8')
      .replaceAll(/^# (?=listeners\.ssl|management\.ssl)/gm, '')
      .replace('= 5671', `= 127.0.0.1:${amqps}`)
      .replace('= 15671', `= ${secureManagement}\nmanagement.ssl.ip = 127.0.0.1`)
      .replace('= 8883', `= 127.0.0.1:${gatewayPort}`)
      .replace('mqtt.listeners.tcp = none', isPlain ? `mqtt.listeners.tcp.1 = 127.0.0.1:${plainPort}` : '$&')
      .replaceAll('/etc/rabbitmq/', `${dir}/`)
      .replace(':5672', `:${amqp}`)
      .replace('= 15672', `= ${management}`)}
default_user = ${USER}
default_pass = ${PASSWORD}
vm_memory_high_watermark.absolute = 256MB
disk_free_limit.absolute = 50MB
log.console = true
log.console.level = warning
log.file = false
${more}`,
  );
  writeFileSync(join(dir, 'enabled_plugins'), '[rabbitmq_mqtt,rabbitmq_management].');
  const runtime = erlangRuntime(path);
  const bin = join(dir, 'bin');
  mkdirSync(bin, { recursive: true });
  const program = join(bin, 'erl');
  writeFileSync(program, erl(runtime, program), { mode: 0o755 });
  const environment = {
    ...env,
    HOME: home,
    PATH: `${bin}:${env['PATH'] ?? ''}`,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: name,
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(dir, 'none.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(dir, 'data'),
    RABBITMQ_LOG_BASE: join(dir, 'log'),
    RABBITMQ_DIST_PORT: String(dist),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `${ERL_ARGUMENTS} -kernel inet_dist_use_interface {127,0,0,1}`,
    // The script execs the node, so that a signal reaches it.
    RUNNING_UNDER_SYSTEMD: 'true',
  };
  let node = spawned(path, dir, environment);
  const orphaned = (): void => void node.child.kill('SIGKILL');
  process.once('exit', orphaned);
  const url = `http://127.0.0.1:${management}`;
  await ready(node, url);
  const kill = async (): Promise<void> => {
    node.child.kill('SIGKILL');
    await node.ended;
  };
  const address: BrokerAddress = {
    amqpUrl: `amqp://127.0.0.1:${amqp}`,
    mqttUrl: `mqtts://127.0.0.1:${gatewayPort}`,
    managementUrl: url,
    vhost: '/',
    user: USER,
    password: PASSWORD,
    roots: tls.roots,
  };
  return {
    address,
    farAddress: {
      ...address,
      amqpUrl: `amqps://127.0.0.1:${amqps}`,
      managementUrl: `https://127.0.0.1:${secureManagement}`,
    },
    gatewayPort,
    plainPort,
    get pid() {
      return node.child.pid ?? 0;
    },
    get isRunning() {
      return isRunning(node);
    },
    said: () => node.said,
    kill,
    start: async () => {
      node = spawned(path, dir, environment);
      await ready(node, url);
    },
    stop: async () => {
      await kill();
      process.off('exit', orphaned);
      onStop?.();
    },
  };
}

/** Ports under `uplink.rabbitmq` in the configuration of a cloud on the same machine. */
export const rabbitPorts = ({ address, gatewayPort }: RunningRabbit) => ({
  amqpPort: Number(new URL(address.amqpUrl).port),
  managementPort: Number(new URL(address.managementUrl).port),
  mqttPort: gatewayPort,
});

/** An epmd of its own, in which nodes register their names. */
export async function startEpmd(): Promise<{ readonly epmdPort: number; readonly end: () => void }> {
  const { path, env } = debianTool('rabbitmq');
  const epmdPort = await freePort();
  const args = ['-port', String(epmdPort), '-address', '127.0.0.1'];
  const epmd = spawn(join(erlangRuntime(path), 'epmd'), args, { env, stdio: 'ignore' });
  const orphaned = (): void => void epmd.kill('SIGKILL');
  process.once('exit', orphaned);
  return {
    epmdPort,
    end: () => {
      process.off('exit', orphaned);
      orphaned();
    },
  };
}

interface Node {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  said: string;
}

function spawned(command: string, cwd: string, env: NodeJS.ProcessEnv): Node {
  const child = spawn(command, [], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const node: Node = { child, ended, said: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (node.said = `${node.said}${text.toString()}`.slice(-40_000)));
  return node;
}

const isRunning = ({ child }: Node): boolean => child.exitCode === null && child.signalCode === null;

/** Waits until the node reports that its listeners are up. */
async function ready(node: Node, url: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
  for (let attempt = 0; attempt < 3000 && isRunning(node); attempt++) {
    const answer = await fetch(`${url}/api/health/checks/protocol-listener/mqtt%2Fssl`, {
      headers: { authorization },
    }).catch(() => undefined);
    if (answer?.ok === true) return;
    await wait(100);
  }
  node.child.kill('SIGKILL');
  throw new Error(`RabbitMQ does not answer at ${url}: ${node.said.trim().slice(-4000)}`);
}

/** Folder of the Erlang programs beside RabbitMQ, unpacked or of the system. */
function erlangRuntime(server: string): string {
  const [runtime] = globSync(join(dirname(server), '..', '..', 'erlang', 'erts-*', 'bin'));
  if (runtime === undefined) throw new Error(`there is no Erlang beside ${server}`);
  return runtime;
}

/** Debian's scripts contain the install folder. The node starts its own children with `program` too. */
const erl = (runtime: string, program: string): string => `#!/bin/sh
export ROOTDIR=${join(runtime, '..', '..')} BINDIR=${runtime} EMU=beam PROGNAME=${program}
exec "$BINDIR/erlexec" "$@"
`;
