import { edgeCommands } from './edge-commands.ts';
import type { CommandTable } from './run-cli.ts';

/** Every command, in the order in which the help shows them. */
export const commands: CommandTable = {
  demo: {
    summary: 'a region on this machine: plant, gateways, cloud and page',
    load: () => import('../simulators/cli/demo.ts'),
  },
  ...edgeCommands,
  region: {
    summary: 'the network model of a region, from networks and gateways',
    load: () => import('../cloud/region/cli/region.ts'),
  },
  cloud: { summary: 'the cloud tier in one process', load: () => import('../cloud/cli/cloud.ts') },
  pki: {
    summary: 'the certificates of gateways: authority, enrolment, revocation',
    load: () => import('../cloud/cli/pki.ts'),
  },
  audit: { summary: 'verify and export the list of who did what', load: () => import('../cloud/audit/cli/audit.ts') },
  models: {
    summary: 'bring models that were trained elsewhere',
    load: () => import('../cloud/forecast/registry/cli/models.ts'),
  },
  grid: {
    summary: 'import, check, convert and describe network files',
    load: () => import('../simulators/cli/grid.ts'),
  },
  powerflow: {
    summary: 'AC power flow of a network file',
    load: () => import('../simulators/cli/powerflow.ts'),
  },
  dispatch: {
    summary: 'plan the devices of a radial network over a horizon',
    load: () => import('../cloud/plan/cli/dispatch.ts'),
  },
  backtest: {
    summary: 'measure forecasts on data that they have not seen',
    load: () => import('../simulators/cli/backtest.ts'),
  },
  simulate: {
    summary: 'run the whole system on virtual time with faults from seeds',
    load: () => import('../simulators/cli/simulate.ts'),
  },
  prove: {
    summary: 'compare edge, cloud and both on the same seeds, and say where the hybrid lost',
    load: () => import('../simulators/cli/prove.ts'),
  },
  bench: { summary: 'run a benchmark', load: () => import('../simulators/bench/bench.ts') },
};
