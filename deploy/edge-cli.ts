import { edgeCommands } from './edge-commands.ts';
import { runCli } from './run-cli.ts';

await runCli(edgeCommands, process.argv.slice(2));
