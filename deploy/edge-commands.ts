import type { CommandTable } from './run-cli.ts';

/** The commands in the packed bundle of a gateway. */
export const edgeCommands: CommandTable = {
  edge: {
    summary: 'the gateway of a substation, and commands to the running one',
    load: () => import('../edge/main.ts'),
  },
  journal: { summary: "look at a gateway's journal", load: () => import('../edge/journal/cli/journal.ts') },
};
