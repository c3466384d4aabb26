// Two ends of one link in memory; what is sent arrives a turn of the event loop later.

import type { Carrier } from "../../src/app/ports.ts";

type Handlers = Parameters<Carrier["attach"]>[0];

export interface Joined {
  readonly ends: readonly [Carrier, Carrier];
  readonly isClosed: boolean;
  /** Both ends see that it is gone; what is under way is lost. */
  cut(): void;
  /** What is sent is lost from now on, and neither end hears of it: as when a machine is switched off. */
  sever(): void;
}

export function joinCarriers(): Joined {
  const handlers: (Handlers | undefined)[] = [undefined, undefined];
  let isClosed = false;
  let isSevered = false;
  /** `own`: the end that has done it, if it was one. */
  const close = (clean: boolean, own?: number): void => {
    if (isClosed || (isSevered && own === undefined)) return;
    isClosed = true;
    for (const [index, end] of handlers.entries()) if (!isSevered || index === own) end?.closed({ clean });
  };
  const end = (own: number): Carrier => ({
    bufferedBytes: 0,
    attach: (given) => {
      handlers[own] = given;
      if (isClosed) setImmediate(() => given.closed({ clean: false }));
    },
    send: (frame) => {
      setImmediate(() => {
        if (!isClosed && !isSevered) handlers[1 - own]?.frame(frame);
      });
    },
    close: () => void setImmediate(() => close(true, own)),
    terminate: () => void setImmediate(() => close(false, own)),
  });
  return {
    ends: [end(0), end(1)],
    get isClosed() {
      return isClosed;
    },
    cut: () => close(false),
    sever: () => {
      isSevered = true;
    },
  };
}
