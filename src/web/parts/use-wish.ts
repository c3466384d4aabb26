// What the person has chosen, shown until the program has answered; then what the program says.

import { useState } from "preact/hooks";

export function useWish<Value extends string | number | boolean>(
  value: Value,
  ask: (wish: Value) => Promise<unknown> | void,
): readonly [Value, (wish: Value) => void] {
  const [wish, setWish] = useState<{ readonly value: Value } | undefined>(undefined);
  const choose = async (next: Value): Promise<void> => {
    const mine = { value: next };
    setWish(mine);
    try {
      await ask(next);
    } finally {
      setWish((now) => (now === mine ? undefined : now));
    }
  };
  return [wish === undefined ? value : wish.value, (next) => void choose(next)];
}
