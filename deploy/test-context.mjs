// Lets a test be named by what it leaves behind, without a hook on every promise.
// Node's runner asks of an error that nobody caught in which test it began. To know, it follows each promise from its making to its
// collection, which costs a third of what tests full of promises use of a processor. The context that AsyncLocalStorage keeps says the
// same for nothing. The runner takes its two functions when it is first loaded: here. If a later Node takes others, it follows promises again.
import hooks, { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

const { createHook, executionAsyncId } = hooks;
const running = new AsyncLocalStorage();
let latest = 0;
let know;

hooks.createHook = ({ init }) => {
  know = init;
  return { enable: () => undefined, disable: () => undefined };
};
// What comes in from outside (a socket, a child process) may have no context: then it is of the test that began last.
hooks.executionAsyncId = () => running.getStore() ?? latest;
await import('node:test');
Object.assign(hooks, { createHook, executionAsyncId });

const { runInAsyncScope } = AsyncResource.prototype;
const tests = ['Test', 'TestHook', 'Suite'];
AsyncResource.prototype.runInAsyncScope = function (work, self, ...given) {
  if (know === undefined || !tests.includes(this.constructor.name))
    return runInAsyncScope.call(this, work, self, ...given);
  const id = this.asyncId();
  know(id, 'Test', 0, this);
  if (this.constructor.name !== 'Suite') latest = id;
  return runInAsyncScope.call(this, () => running.run(id, () => work.apply(self, given)));
};
