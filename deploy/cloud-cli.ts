import { cloudCommands } from './cloud-commands.ts';
import { runCli } from './run-cli.ts';

await runCli('loadstone-cloud', cloudCommands, process.argv.slice(2));
