// Has node:test be told of no promise's birth and death: it wants to know of each in which test it was made, and rooms' tests
// make so many that a sixth of their time goes there. What a test awaits fails that test as before; what nobody awaits still
// fails the run, but is told of the file instead of the test. `npm run test:long` goes without this.
import hooks from "node:async_hooks";

const { createHook } = hooks;
// The first hook of the process is the one of node:test.
hooks.createHook = ({ init }) => {
  hooks.createHook = createHook;
  return createHook({
    init(id, type, trigger, resource) {
      if (type !== "PROMISE") init?.(id, type, trigger, resource);
    },
  });
};
