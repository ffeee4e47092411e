// Lets Node's test runner attribute uncaught errors to tests without a hook on every promise.
// The runner must know in which test an uncaught error started. It normally tracks each promise from creation to collection, which costs a
// third of the CPU time of promise-heavy tests. The context of AsyncLocalStorage gives the same answer for free. The runner fetches its two
// functions when it is first loaded, which is here. If a later Node uses other functions, it tracks promises again.
import hooks, { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

const { createHook, executionAsyncId } = hooks;
const running = new AsyncLocalStorage();
let latest = 0;
let know;

hooks.createHook = ({ init }) => {
  know = init;
  return { enable: () => undefined, disable: () => undefined };
};
// Input from outside (a socket, a child process) may have no context. It then belongs to the test that started last.
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
