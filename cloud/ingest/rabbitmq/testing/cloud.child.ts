import { join } from 'node:path';
import { SeededRandom } from '../../../../shared/ports/random.ts';
import { SystemClock } from '../../../../shared/time/system-clock.ts';
import { every } from '../../../../shared/time/every.ts';
import { OpenedEvents } from '../../../audit/testing/opened-events.ts';
import { WorkerStore } from '../../../telemetry/worker-store.ts';
import { BirthFile } from '../../birth-file.ts';
import { Ingest } from '../../ingest.ts';
import { LedgerFile } from '../../ledger-file.ts';
import { Ledger } from '../../ledger.ts';
import type { BrokerAddress } from '../address.ts';
import { RabbitLink } from '../rabbit-link.ts';

/** The cloud's ingest on RabbitMQ as a process that a test kills; prints its counts each 100 ms. */
const [dir, address] = [process.argv[2]!, JSON.parse(process.argv[3]!) as BrokerAddress];
const onFailure = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
const clock = new SystemClock(onFailure);
const ledger = new Ledger(new LedgerFile(join(dir, 'ledger.db')));
const store = new WorkerStore({ path: join(dir, 'telemetry.db') });
const births = new BirthFile(join(dir, 'births.db'));
const events = new OpenedEvents(join(dir, 'events.db'));
await ledger.open();
await store.open();
births.open();
const random = new SeededRandom(process.pid);
const link = new RabbitLink({ address, machine: clock.machine, random, reconnectS: [0.2, 1], onFailure });
const ingest = new Ingest({ link, store, ledger, births, events, clock, group: 'north' });
await ingest.start();
const stored = (): number => ingest.gateways().reduce((sum, gateway) => sum + ledger.storedCount(gateway), 0);
const tell = (): void => void process.stdout.write(`${JSON.stringify({ ...ingest.counts(), stored: stored() })}\n`);
const said = every(clock.machine, 100, tell);
process.on('SIGTERM', () => {
  said.cancel();
  const stop = async (): Promise<void> => {
    await ingest.stop();
    await store.close();
    for (const each of [ledger, births, events]) each.close();
    process.exit(0);
  };
  stop().catch((error: unknown) => {
    onFailure(error);
    process.exit(1);
  });
});
