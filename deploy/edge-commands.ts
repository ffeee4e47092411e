import type { CommandTable } from './run-cli.ts';

/** The commands in the packed bundle of a gateway. */
export const edgeCommands: CommandTable = {
  edge: {
    summary: 'run the gateway of a substation, and control the running one',
    load: () => import('../edge/main.ts'),
  },
  journal: { summary: 'inspect the journal of a gateway', load: () => import('../edge/journal/cli/journal.ts') },
};
