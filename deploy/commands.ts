import { edgeCommands } from './edge-commands.ts';
import type { CommandTable } from './run-cli.ts';

/** Every command, in the order in which the help shows them. */
export const commands: CommandTable = {
  ...edgeCommands,
};
