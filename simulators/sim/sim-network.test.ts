import { SeededRandom } from '../../shared/ports/random.ts';
import { linkSuite } from '../../shared/ports/testing/link-suite.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { SimNetwork } from './sim-network.ts';

linkSuite('on the simulated network', async () => {
  const clock = new VirtualClock(0);
  const network = new SimNetwork({ clock, random: new SeededRandom(1, 'uplinks') });
  let passing: Promise<void> | undefined;
  return {
    cloud: network.link(),
    other: network.link(),
    settle: async () => {
      // Virtual time stands still while a message is being handled.
      passing ??= clock.advance(5000).finally(() => (passing = undefined));
      for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
});
