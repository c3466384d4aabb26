// A button with a list of what can be done: arrow keys move in it, Escape and a click elsewhere close it.

import type { JSX } from "preact";
import { useLayoutEffect, useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";

interface MenuProps {
  readonly icon: IconName;
  readonly label: string;
  /** What can be done; an item that is absent is left out. */
  readonly items: readonly (readonly [string, () => void] | undefined)[];
}

export function Menu({ icon, label, items }: MenuProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  const button = (): HTMLButtonElement | null => root.current?.querySelector("button") ?? null;
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    root.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const away = (event: Event): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) !== true) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [isOpen]);
  const move = (event: KeyboardEvent): void => {
    const all = [...(root.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = all.findIndex((one) => one === document.activeElement);
    const next = nextIn(event.key, at, all.length);
    if (next !== undefined) {
      event.preventDefault();
      all[next]?.focus();
    }
    if (event.key === "Escape" || event.key === "Tab") {
      setOpen(false);
      if (event.key === "Escape") {
        event.stopPropagation();
        button()?.focus();
      }
    }
  };
  return (
    <div class="menu" ref={root} onKeyDown={isOpen ? move : undefined}>
      <button
        type="button"
        class="icon-button"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={icon} />
      </button>
      {isOpen && (
        <div class="menu-list" role="menu" id={id} aria-label={label}>
          {items.map(
            (item) =>
              item !== undefined && (
                <button
                  type="button"
                  role="menuitem"
                  tabIndex={-1}
                  key={item[0]}
                  onClick={() => {
                    setOpen(false);
                    button()?.focus();
                    item[1]();
                  }}
                >
                  {item[0]}
                </button>
              ),
          )}
        </div>
      )}
    </div>
  );
}

function nextIn(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case "ArrowDown":
      return (at + 1) % count;
    case "ArrowUp":
      return (at - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
