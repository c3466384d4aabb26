// Two ends of one link in memory; what is sent arrives a turn of the event loop later.

import type { Carrier } from "../../src/app/ports.ts";

type Handlers = Parameters<Carrier["attach"]>[0];

export interface Joined {
  readonly ends: readonly [Carrier, Carrier];
  readonly isClosed: boolean;
  /** Both ends see that it is gone; what is under way is lost. */
  cut(): void;
}

export function joinCarriers(): Joined {
  const handlers: (Handlers | undefined)[] = [undefined, undefined];
  let isClosed = false;
  const close = (clean: boolean): void => {
    if (isClosed) return;
    isClosed = true;
    for (const end of handlers) end?.closed({ clean });
  };
  const end = (own: number): Carrier => ({
    bufferedBytes: 0,
    attach: (given) => {
      handlers[own] = given;
      if (isClosed) setImmediate(() => given.closed({ clean: false }));
    },
    send: (frame) => {
      setImmediate(() => {
        if (!isClosed) handlers[1 - own]?.frame(frame);
      });
    },
    close: () => void setImmediate(() => close(true)),
    terminate: () => void setImmediate(() => close(false)),
  });
  return {
    ends: [end(0), end(1)],
    get isClosed() {
      return isClosed;
    },
    cut: () => close(false),
  };
}
