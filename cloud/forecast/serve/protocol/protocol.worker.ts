import { protocolTasks, type ProtocolTasks } from './protocol-tasks.ts';

/** A thread of the backtest's pool. */
export default function run(call: { name: keyof ProtocolTasks; input: never }): unknown {
  return protocolTasks[call.name](call.input);
}
