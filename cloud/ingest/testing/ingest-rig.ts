import type { Acknowledgement } from '../../../shared/contracts/acknowledgement.ts';
import type { Frame, FrameIdentity } from '../../../shared/contracts/frame.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { OpenedEvents } from '../../audit/testing/opened-events.ts';
import { SqliteStore } from '../../telemetry/sqlite-store.ts';
import type { Point } from '../../telemetry/store.ts';
import { BirthFile } from '../birth-file.ts';
import { Ingest } from '../ingest.ts';
import type { IngestOptions } from '../ingest-options.ts';
import { LedgerFile } from '../ledger-file.ts';
import { Ledger } from '../ledger.ts';
import { TestGateway } from './test-gateway.ts';
import { TestLink } from './test-link.ts';

export const T0 = Date.UTC(2021, 8, 25);
export const gateway = 'owd-01';
export const ackTopic = 'loadstone/v1/owd-01/ack';

/** A store that a test can make fail. */
class FragileStore extends SqliteStore {
  fault: LoadstoneError | undefined;
  writes = 0;
  override async write(points: readonly Point[]): Promise<void> {
    this.writes++;
    if (this.fault !== undefined) throw this.fault;
    await super.write(points);
  }
}

/** The whole ingest on virtual time, with a gateway in front and a store that can fail behind. */
export interface Rig {
  readonly clock: VirtualClock;
  readonly link: TestLink;
  readonly ledger: Ledger;
  readonly store: FragileStore;
  readonly events: OpenedEvents;
  readonly births: BirthFile;
  readonly ingest: Ingest;
  readonly edge: TestGateway;
  readonly heard: string[];
  readonly frames: { readonly identity: FrameIdentity; readonly frame: Frame; readonly historical: boolean }[];
  /** Advances the clock, then passes the acknowledgements to the gateway and returns them. */
  acks(afterMs?: number): Promise<Acknowledgement[]>;
}

export type RigOptions = Partial<IngestOptions> & { readonly births?: BirthFile; readonly events?: OpenedEvents };

export async function ingestRig(options: RigOptions = {}): Promise<Rig> {
  const clock = new VirtualClock(T0);
  const link = new TestLink();
  const ledger = new Ledger(new LedgerFile(':memory:'));
  await ledger.open();
  const store = new FragileStore({ path: ':memory:', receivedAt: ledger });
  await store.open();
  const events = options.events ?? new OpenedEvents();
  const births = options.births ?? new BirthFile(':memory:');
  births.open();
  const heard: string[] = [];
  const frames: Rig['frames'] = [];
  events.listen(({ source, text }) => void heard.push(`event ${source} ${text}`));
  const ingest = new Ingest({
    link,
    store,
    ledger,
    births,
    events,
    clock,
    group: 'north',
    handlers: {
      onFrame: (identity, frame, { historical }) => void frames.push({ identity, frame, historical }),
      onBirth: (from, device) => void heard.push(`birth ${from} ${device ?? 'node'}`),
      onDeath: (from, device) => void heard.push(`death ${from} ${device ?? 'node'}`),
      onHealth: (from) => void heard.push(`health ${from}`),
      onReport: (from, topic, report) => void heard.push(`${topic} ${from} ${report.stage}`),
      onModelRequest: (from, { index }) => void heard.push(`chunk ${from} ${index}`),
      onRefused: (from, fault) => void heard.push(`refused ${from} ${fault.code}`),
      onBudget: (from, code, fault) => void heard.push(`${fault === null ? 'within' : 'over'} ${from} ${code}`),
      onStore: (fault) => void heard.push(`store ${fault?.code ?? 'well'}`),
    },
    ...options,
  });
  await ingest.start();
  await link.connect();
  const now = (): number => clock.plant.now();
  const edge = new TestGateway({
    gateway,
    group: 'north',
    run: 7,
    send: (topic, payload) => link.deliver(topic, payload),
    now,
  });
  const acks = async (afterMs = 1000): Promise<Acknowledgement[]> => {
    await clock.advance(afterMs);
    const taken = link.take(ackTopic) as Acknowledgement[];
    for (const each of taken) edge.acknowledged(each);
    return taken;
  };
  return { clock, link, ledger, store, events, births, ingest, edge, heard, frames, acks };
}

export const activePower = { gateway, device: 'pv-1', metric: 'activePowerKw' };
export const stored = async ({ store }: Rig, series = activePower) =>
  (await store.read({ series: [series], start: 0, end: T0 * 2 }))[0]?.map((sample) => [sample.time, sample.value]);
export const firstOf = (run: number) => ({
  stream: 'measurements' as const,
  runs: [{ run, firstOffset: 0 }],
  missing: [],
});
export const down = new LoadstoneError('LS-STORE-001', 'down');
