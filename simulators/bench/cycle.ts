import { Aedes } from 'aedes';
import { createServer } from 'node:net';
import { once } from 'node:events';
import mqtt from 'mqtt';
import { LocalBroker } from '../../edge/drivers/local-broker.ts';
import { quantilesOf } from '../../shared/forecast/quantiles.ts';
import { machineMonotonicMs, SystemClock } from '../../shared/time/system-clock.ts';
import { setTopic, stateTopic } from '../region/field-config.ts';
import { fieldName, toWire, wireFormat, wireScale } from '../faces/wire.ts';
import { BenchGateway, pause, until } from './bench-gateway.ts';
import type { BenchOptions } from './options.ts';

const PERIOD_MS = 250;
const LIMIT_KW = 3000;
const OVER_KW = 50;
/** A battery setpoint of at least the first meets the spike; at most the second is at rest, kW. */
const RELIEF_KW = 10;
const REST_KW = 1;
/** Far more often than models change, so that a tenth of the cycles coincides with a load. */
const MODEL_EVERY_MS = 2500;

/**
 * The control cycle of the real daemon: from a spike at the meter to the setpoint at the device, jitter while models load and a backlog
 * drains, and the broker's echo. Baselines in the same run: a bare timer, a bare aedes.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const echo = await echoes(quick ? 500 : 3000);
  say(`echo ${two(echo.ours)} ms through the local broker, ${two(echo.bare)} ms through bare aedes (p50, p99)`);
  const cycles: number[] = [];
  const gateway = new BenchGateway();
  try {
    await gateway.start({ timeline: true, onCycle: (plantTime) => cycles.push(plantTime) });
    const devices = await Devices.connect(gateway);
    await devices.settle();
    const spikes: number[] = [];
    const trials = quick ? 10 : 60;
    for (let trial = 0; trial < trials; trial++) {
      spikes.push((await devices.spike()) / PERIOD_MS);
      if (trial % 10 === 9) say(`${trial + 1} spikes, ${two(quantiles(spikes))} cycles to the setpoint (p50, p99)`);
    }
    say('training a model to load');
    const bundle = await BenchGateway.trainModel(Math.round(gateway.clock.plant.now()));
    await gateway.startCloud();
    await until(() => gateway.cloud.births.length > 0, 150_000, 'the birth of the gateway');
    const from = cycles.length;
    const bare = bareTimer();
    let models = 0;
    for (const end = from + (quick ? 40 : 400); cycles.length < end; models++) {
      await gateway.loadModel(bundle);
      await pause(MODEL_EVERY_MS);
    }
    const jitter = jitterPct(cycles.slice(from));
    const [, jitterP99] = quantiles(jitter);
    const [, bareJitterP99] = quantiles(bare.stop());
    const result = {
      spikeToActuationCycles: named(quantiles(spikes)),
      jitterPct: { p99: jitterP99, cycles: jitter.length, modelsLoaded: models },
      mqttEchoMs: named(echo.ours),
      baseline: { timerJitterPct: { p99: bareJitterP99 }, bareAedesEchoMs: named(echo.bare) },
      ratio: { jitter: rounded(jitterP99 / bareJitterP99), echo: rounded(echo.ours[1] / echo.bare[1]) },
      backlog: { framesSent: gateway.cloud.stored.size, historical: gateway.cloud.historical },
      periodMs: PERIOD_MS,
    };
    await devices.stop();
    return result;
  } finally {
    await gateway.stop();
  }
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
const quantiles = (values: readonly number[]): [number, number] =>
  quantilesOf(values, [0.5, 0.99]).map(rounded) as [number, number];
const named = ([p50, p99]: readonly [number, number]): { p50: number; p99: number } => ({ p50, p99 });
const two = ([p50, p99]: readonly [number, number]): string => `${p50.toFixed(3)}, ${p99.toFixed(3)}`;

/** Deviation of each interval from the period, %. */
function jitterPct(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => (Math.abs(time - times[index]! - PERIOD_MS) / PERIOD_MS) * 100);
}

/** A timer on the same grid in this process: the jitter of the machine itself. */
function bareTimer(): { stop(): number[] } {
  const origin = machineMonotonicMs();
  const times: number[] = [];
  let stopped = false;
  const arm = (): void => {
    if (stopped) return;
    const due = origin + (times.length + 1) * PERIOD_MS;
    setTimeout(
      () => {
        times.push(machineMonotonicMs());
        arm();
      },
      Math.max(0, due - machineMonotonicMs()),
    );
  };
  arm();
  return {
    stop: () => {
      stopped = true;
      return jitterPct(times);
    },
  };
}

/** The meters and the battery of the gateway under test, over mqtt.js. */
class Devices {
  readonly #client: mqtt.MqttClient;
  readonly #gateway: BenchGateway;
  #headKw = 1000;
  #reports = 0;
  #setpoints: { reliefKw: number; atMs: number }[] = [];
  #stopped = false;

  static async connect(gateway: BenchGateway): Promise<Devices> {
    const devices = new Devices(await mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.localPort}`), gateway);
    await devices.#client.subscribeAsync(setTopic('battery-1'));
    void devices.#tick();
    return devices;
  }

  constructor(client: mqtt.MqttClient, gateway: BenchGateway) {
    this.#client = client;
    this.#gateway = gateway;
    const format = wireFormat('battery-1');
    const field = fieldName('activePowerSetpointKw', format);
    const perKw = wireScale('activePowerSetpointKw', format) * (format.sign === 'generation-positive' ? 1 : -1);
    client.on('message', (_topic, payload) => {
      const wire = (JSON.parse(payload.toString()) as Record<string, number>)[field];
      if (wire !== undefined) this.#setpoints.push({ reliefKw: wire / perKw, atMs: machineMonotonicMs() });
    });
  }

  async report(): Promise<void> {
    const now = Date.now();
    const publish = (device: string, values: Parameters<typeof toWire>[2]): Promise<unknown> =>
      this.#client.publishAsync(stateTopic(device), JSON.stringify(toWire(device, now, values)));
    const meter = (kw: number) => ({ activePowerKw: kw, reactivePowerKvar: 0, voltagePu: 1, currentA: 0 });
    // Below the import share of the fail-safe: without a cloud the gateway keeps it.
    await publish('transformer', meter(1500 + 100 * (this.#reports++ % 3)));
    await publish('feeder-2', meter(500));
    await publish('feeder-1', meter(this.#headKw));
    await publish('battery-1', { activePowerKw: 0, reactivePowerKvar: 0, voltagePu: 1, socPct: 60 });
  }

  /** Gives the gateway time to receive reports from all of them. */
  async settle(): Promise<void> {
    await pause(3000);
  }

  /**
   * Time from the spike at the meter to the setpoint at the battery, ms; then returns to rest. The guard would release repeated relief more
   * slowly each time, so a moment in Monitor mode ends it.
   */
  async spike(): Promise<number> {
    await pause(Math.random() * PERIOD_MS);
    const from = this.#setpoints.length;
    const relief = () => this.#setpoints.slice(from).find(({ reliefKw }) => reliefKw > RELIEF_KW);
    const began = machineMonotonicMs();
    this.#headKw = LIMIT_KW + OVER_KW;
    await this.report();
    await until(() => relief() !== undefined, 5000, 'the setpoint');
    const took = relief()!.atMs - began;
    this.#headKw = 1000;
    await this.report();
    await this.#gateway.setMode('monitor');
    await pause(4 * PERIOD_MS);
    await this.#gateway.setMode('automatic');
    await until(() => this.#setpoints.at(-1)!.reliefKw < REST_KW, 60_000, 'rest after the spike');
    await pause(4 * PERIOD_MS);
    return took;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#client.endAsync();
  }

  async #tick(): Promise<void> {
    while (!this.#stopped) {
      await this.report();
      await pause(1000);
    }
  }
}

/** Device, broker, handler, device on loopback: through the gateway's local broker, as fast as it reads, and through a bare aedes. */
async function echoes(rounds: number): Promise<{ ours: [number, number]; bare: [number, number] }> {
  const { machine } = new SystemClock((error) => {
    throw error;
  });
  const local = new LocalBroker({ listen: '127.0.0.1:0', time: machine });
  await local.start();
  const link = local.link();
  const onMessage = ({ payload }: { payload: Uint8Array }): void => void link.publish('echo', payload, { qos: 0 });
  link.open(
    { clientId: 'handler', subscriptions: ['call'] },
    { onConnect: () => undefined, onClose: () => undefined, onMessage },
  );
  const ours = await pingPong(local.port, rounds);
  await link.close();
  await local.stop();

  const aedes = await Aedes.createBroker();
  const server = createServer((socket) => aedes.handle(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answer = { cmd: 'publish', topic: 'echo', qos: 0, retain: false, dup: false } as const;
  aedes.subscribe(
    'call',
    ({ payload }, done) => {
      aedes.publish({ ...answer, payload }, () => undefined);
      setImmediate(done);
    },
    () => undefined,
  );
  const address = server.address();
  const bare = await pingPong(typeof address === 'object' && address !== null ? address.port : 0, rounds);
  server.close();
  await new Promise<void>((resolve) => aedes.close(resolve));
  return { ours, bare };
}

async function pingPong(port: number, rounds: number): Promise<[number, number]> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
  await client.subscribeAsync('echo');
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = machineMonotonicMs();
    const back = new Promise<void>((resolve) => client.once('message', () => resolve()));
    client.publish('call', '{"power_w":12345.6}');
    await back;
    times.push(machineMonotonicMs() - began);
  }
  await client.endAsync();
  return quantiles(times.slice(Math.floor(rounds / 10)));
}
