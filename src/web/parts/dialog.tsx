// A dialog of the page: modal, with a title; Escape, its button and a click beside it close it.

import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useId, useRef } from "preact/hooks";
import { IconButton } from "./icon.tsx";
import { Notices } from "./notices.tsx";
import { usePage } from "./use-page.ts";

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly class?: string;
}

export function Dialog({ title, children, class: more = "" }: DialogProps): JSX.Element {
  const { page } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const close = (): void => page.show(undefined);
  useLayoutEffect(() => {
    const before = document.activeElement;
    const shown = dialog.current;
    if (shown?.open === false) shown.showModal();
    return () => {
      shown?.close();
      // The button that opened it may be gone with what was done.
      if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
      else document.querySelector<HTMLElement>(".composer textarea, #main")?.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${more}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div class="dialog-inside">
        <header class="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <IconButton name="close" label="Close" onClick={close} />
        </header>
        <div class="dialog-body">{children}</div>
        {/* What is outside of a modal dialog cannot be read or reached. */}
        <Notices />
      </div>
    </dialog>
  );
}
