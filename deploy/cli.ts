import { commands } from './commands.ts';
import { runCli } from './run-cli.ts';

await runCli('loadstone', commands, process.argv.slice(2));
