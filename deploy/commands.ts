import { cloudCommands } from './cloud-commands.ts';
import { edgeCommands } from './edge-commands.ts';
import type { CommandTable } from './run-cli.ts';

/** All commands, in the order of the help. */
export const commands: CommandTable = {
  demo: {
    summary: 'run a region on this machine: plant, gateways, cloud and page',
    load: () => import('../simulators/cli/demo.ts'),
  },
  ...edgeCommands,
  ...cloudCommands,
  simulate: {
    summary: 'run the whole system in virtual time with seeded faults',
    load: () => import('../simulators/cli/simulate.ts'),
  },
  prove: {
    summary: 'compare edge, cloud and hybrid on the same seeds, and report where the hybrid lost',
    load: () => import('../simulators/cli/prove.ts'),
  },
  attack: {
    summary: 'attack a cloud and two gateways in every known way, and report the results',
    load: () => import('../simulators/cli/attack.ts'),
  },
  bench: { summary: 'run a benchmark', load: () => import('../simulators/bench/bench.ts') },
};
