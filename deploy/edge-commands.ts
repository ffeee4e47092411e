import type { CommandTable } from './run-cli.ts';

/** The commands that a gateway carries in its packed bundle. */
export const edgeCommands: CommandTable = {
  edge: {
    summary: 'the gateway of a substation, and commands to the running one',
    load: () => import('../edge/main.ts'),
  },
  journal: { summary: "look at a gateway's journal", load: () => import('../edge/journal/cli/journal.ts') },
};
