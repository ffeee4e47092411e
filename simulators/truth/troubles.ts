import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BrokerWatch } from '../../cloud/compose/broker-watch.ts';
import { RabbitLink } from '../../cloud/ingest/rabbitmq/rabbit-link.ts';
import { encodeDeviceBirth } from '../../shared/codec/sparkplug.ts';
import type { RangeReport } from '../../shared/contracts/acknowledgement.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import type { Link } from '../../shared/ports/link.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { topicFor } from '../../shared/topics/topics.ts';
import type { RegionSim } from '../sim/region-sim.ts';
import type { Act } from './acts.ts';
import type { Injected, SolverFault } from './moment.ts';

/** Name of the file of gateways in a cloud's folder. */
export const USERS_FILE = 'users';

/** A condition that the plant does not show: from when to when it holds, by the code and subject of its alarm. */
function during(
  code: string,
  { atS, untilS, about }: { atS: number; untilS: number; about: (sim: RegionSim) => string },
  change: (is: boolean, sim: RegionSim, injected: Injected) => void | Promise<void>,
): Act[] {
  const turned = (second: number, is: boolean): Act => ({
    atS: second,
    do: async (sim, injected) => {
      injected.other.set(code, is ? [about(sim)] : []);
      await change(is, sim, injected);
    },
  });
  return [turned(atS, true), turned(untilS, false)];
}

const gatewayOf = (sim: RegionSim): string => sim.gateways[0]!.id;
const ofCloud = (): string => 'cloud';
const ofSubstation = (sim: RegionSim): string => sim.region.substations[0]!.id;

export const badUsersFile = (atS: number, untilS: number): Act[] =>
  during('LS-INGEST-020', { atS, untilS, about: ofCloud }, (is, _sim, { folder }) => {
    const file = join(folder, USERS_FILE);
    if (is) rmSync(file);
    else writeFileSync(file, '');
  });

/** An address where nothing listens. */
const NOWHERE = '127.0.0.1:1';

/**
 * The broker, a separate process, ends for good. The cloud's own link to RabbitMQ notices: it first tries to connect in real time, then
 * retries by the machine clock.
 */
export const brokerEnded = (atS: number): Act => ({
  atS,
  do: async (sim, injected) => {
    const { machine } = sim.clock;
    const found = Promise.withResolvers<void>();
    injected.other.set('LS-BROKER-004', ['cloud']);
    await sim.network.stopBroker();
    const logger = { info: () => undefined, error: () => undefined };
    const watch = new BrokerWatch({ time: machine, logger, onBroker: (why) => sim.cloud.brokerIs(why) });
    const link = new RabbitLink({
      address: {
        amqpUrl: `amqp://${NOWHERE}`,
        mqttUrl: `mqtt://${NOWHERE}`,
        managementUrl: `http://${NOWHERE}`,
        vhost: '/',
        user: 'loadstone',
        password: '',
      },
      machine,
      random: new SeededRandom(1, 'broker'),
      onStanding: (why) => {
        watch.heard(why);
        found.resolve();
      },
      onFailure: found.reject,
    });
    const nothing = (): void => undefined;
    const handlers = { onConnect: nothing, onClose: nothing, onMessage: nothing };
    link.open({ clientId: 'loadstone-cloud', subscriptions: [] }, handlers);
    await found.promise;
  },
});

/** Makes the medium of the cloud's state refuse writes; reads still work. */
function readOnly(sim: RegionSim, is: boolean): void {
  const db = sim.files.state.open({ name: 'medium', migrations: [] }, true);
  db.exec(`PRAGMA query_only = ${is ? 'ON' : 'OFF'}`);
  sim.files.state.close();
}

/** An operator stops a device while nothing can be written. */
export const stopUnwritten = (atS: number, untilS: number): Act[] =>
  during('LS-AUDIT-002', { atS, untilS, about: ofCloud }, async (is, sim, injected) => {
    injected.readOnly = is;
    readOnly(sim, is);
    const target = `device:${gatewayOf(sim)}/battery-1`;
    if (is) await sim.cloud.desk.acts.ask('operator', { kind: 'stop', target }, 'somebody works on it');
  });

/** Effect on every call of the solver meanwhile. */
export const solverFails = (fault: Exclude<SolverFault, 'none'>, atS: number, untilS: number): Act[] =>
  during(
    fault === 'throws' ? 'LS-OPT-002' : 'LS-OPT-006',
    { atS, untilS, about: ofSubstation },
    (is, _sim, injected) => {
      injected.solver = is ? fault : 'none';
    },
  );

export async function joinNode({ queue }: Injected): Promise<void> {
  await queue.node(1, { onTask: () => undefined, onClose: () => undefined });
}

export const withoutJobNode = (atS: number, untilS: number): Act[] =>
  during('LS-NODE-004', { atS, untilS, about: ofCloud }, async (is, _sim, injected) => {
    if (is) injected.queue.lose(injected.queue.nodes[0]!, 'ended');
    else await joinNode(injected);
  });

export const workGivenUp = (atS: number, untilS: number): Act[] =>
  during('LS-NODE-005', { atS, untilS, about: ofCloud }, (is, sim) => sim.cloud.workGivenUp(is));

/** Restarts the gateway with a disk that fails to read the oldest file of its journal. */
export const unreadJournal = (atS: number, backS: number): Act[] => [
  { atS, do: (sim) => sim.gateways[0]!.kill() },
  {
    atS: backS,
    do: async (sim, injected) => {
      const [gateway] = sim.gateways;
      const oldest = gateway!.disk.paths().find((path) => path.startsWith('measurements/'));
      gateway!.disk.unread = oldest;
      injected.other.set('LS-JOURNAL-001', [gatewayOf(sim)]);
      await gateway!.start();
    },
  },
];

/** A violation of a gateway's budget counts for a minute. */
const BUDGET_S = 60;
const MOST_IN_REPORT = 1000;

type Publish = (topic: string, payload: string | Uint8Array) => Promise<void>;

/** An impostor at the broker who publishes as the gateway for a moment. */
function imposed(code: string, atS: number, say: (publish: Publish, sim: RegionSim) => Promise<void>): Act[] {
  let link: Link;
  const lasts = { atS, untilS: atS + BUDGET_S, about: gatewayOf };
  return [
    {
      atS: atS - 1,
      do: (sim) => {
        link = sim.network.link();
        const nothing = (): void => undefined;
        link.open(
          { clientId: 'impostor', subscriptions: [] },
          { onConnect: nothing, onClose: nothing, onMessage: nothing },
        );
      },
    },
    ...during(code, lasts, async (is, sim) => {
      if (!is) return;
      await say(async (topic, payload) => {
        await link.publish(topic, typeof payload === 'string' ? Buffer.from(payload) : payload, { qos: 1 });
      }, sim);
      await link.close();
    }),
  ];
}

const ranges = (more: Partial<RangeReport>): string =>
  JSON.stringify({ version: 1, stream: 'measurements', runs: [], missing: [], ...more } satisfies RangeReport);

/** 200 reports of runs within a second. */
export const floodOfReports = (atS: number): Act[] =>
  imposed('LS-BUDGET-001', atS, async (publish, sim) => {
    for (let count = 0; count < 200; count++) await publish(topicFor('ranges', gatewayOf(sim)), ranges({}));
  });

export const inventedRuns = (atS: number): Act[] =>
  imposed('LS-BUDGET-002', atS, async (publish, sim) => {
    for (let from = 0; from < 22_000; from += MOST_IN_REPORT) {
      const runs = Array.from({ length: MOST_IN_REPORT }, (_, at) => ({ run: 1 + from + at, firstOffset: from + at }));
      await publish(topicFor('ranges', gatewayOf(sim)), ranges({ runs }));
    }
  });

export const inventedGaps = (atS: number): Act[] =>
  imposed('LS-BUDGET-003', atS, async (publish, sim) => {
    const run = 1;
    for (let from = 0; from < 22_000; from += MOST_IN_REPORT) {
      const missing = Array.from({ length: MOST_IN_REPORT }, (_, at) => {
        const offset = 2 * (from + at) + 1;
        return { run, from: offset, to: offset, reason: 'lost' as const, detail: 'invented' };
      });
      await publish(topicFor('ranges', gatewayOf(sim)), ranges({ runs: [{ run, firstOffset: 0 }], missing }));
    }
  });

export const inventedDevices = (atS: number): Act[] =>
  imposed('LS-BUDGET-004', atS, async (publish, sim) => {
    for (let device = 0; device < 1200; device++) {
      const time = sim.clock.plant.now();
      const metrics = [
        { name: 'activePowerKw', alias: device + 1, value: 1, time, quality: 'good', origin: 'measured' },
      ] as const;
      const birth = encodeDeviceBirth({ seq: device % 256, sentAt: time, metrics });
      await publish(`spBv1.0/${sim.region.id}/DBIRTH/${gatewayOf(sim)}/d-${device}`, birth);
    }
  });

export const impossibleNumber = (atS: number): Act[] =>
  imposed('LS-DOC-011', atS, async (publish, sim) => {
    const report: DocumentReport = {
      version: 1,
      type: 'plan',
      id: 'pl-unknown',
      epoch: 1_000_000,
      sequence: 1,
      stage: 'accepted',
      time: Math.round(sim.clock.plant.now()),
    };
    await publish(topicFor('reportedPlan', gatewayOf(sim)), JSON.stringify(report));
  });
