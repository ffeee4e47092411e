import { Aedes } from 'aedes';
import { after } from 'node:test';
import { linkSuite } from '../../shared/ports/testing/link-suite.ts';
import { BrokerLink } from './broker-link.ts';

linkSuite('in the broker', async () => {
  const broker = await Aedes.createBroker();
  after(() => broker.close());
  const link = () =>
    new BrokerLink(
      () => broker,
      () => undefined,
    );
  return {
    cloud: link(),
    other: link(),
    settle: async () => {
      for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
});
