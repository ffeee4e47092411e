import { edgeCommands } from './edge-commands.ts';
import { runCli } from './run-cli.ts';

await runCli('loadstone-edge', edgeCommands, process.argv.slice(2));
