import type { CommandTable } from './run-cli.ts';

/** The commands that a gateway carries in its packed bundle. */
export const edgeCommands: CommandTable = {};
