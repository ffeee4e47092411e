import type { CommandTable } from './run-cli.ts';

/** The commands of an installed cloud. */
export const cloudCommands: CommandTable = {
  region: {
    summary: 'build the network model of a region from networks and gateways',
    load: () => import('../cloud/region/cli/region.ts'),
  },
  cloud: { summary: 'run the cloud tier, and manage its data and users', load: () => import('../cloud/cli/cloud.ts') },
  pki: {
    summary: 'manage the certificates of gateways: authority, enrolment, revocation',
    load: () => import('../cloud/cli/pki.ts'),
  },
  keys: {
    summary: 'manage the keys that sign documents, heartbeats and the audit list',
    load: () => import('../cloud/cli/keys.ts'),
  },
  audit: { summary: 'verify and export the audit list', load: () => import('../cloud/audit/cli/audit.ts') },
  models: {
    summary: 'import models that were trained elsewhere',
    load: () => import('../cloud/forecast/registry/cli/models.ts'),
  },
  grid: {
    summary: 'import, check, convert and describe network files',
    load: () => import('../simulators/cli/grid.ts'),
  },
  powerflow: {
    summary: 'compute the AC power flow of a network file',
    load: () => import('../simulators/cli/powerflow.ts'),
  },
  dispatch: {
    summary: 'plan the devices of a radial network over a horizon',
    load: () => import('../cloud/plan/cli/dispatch.ts'),
  },
  backtest: {
    summary: 'measure forecasts on data they have not seen',
    load: () => import('../simulators/cli/backtest.ts'),
  },
};
