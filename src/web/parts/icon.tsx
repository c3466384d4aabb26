// The signs on buttons: lines of one weight, in the colour of the text.

import type { JSX } from "preact";

const PATHS = {
  back: "M15 5l-7 7 7 7",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  down: "M12 5v14M6 13l6 6 6-6",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.5M12 7.5v.1",
  menu: "M12 5.5v.1M12 12v.1M12 18.5v.1",
  muted: "M4 4l16 16M6 16V11c0-1 .2-2 .7-2.800M9 5.800A6 6 0 0 1 18 11v3M6 16l-1.500 2H17M10 21h4",
  people:
    "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c0-3.500 2.500-6 6-6s6 2.500 6 6M16 4.500a3.500 3.500 0 0 1 0 6.500M17 14.200c2.500.600 4 3 4 5.800",
  plus: "M12 5v14M5 12h14",
  reply: "M9 6L4 11l5 5M4 11h9c4 0 6.500 2.500 7 7",
  search: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.500 15.500L20 20",
  send: "M4 12l16-8-6 16-3-7zM11 13l9-9",
  shield: "M12 3l7.500 3v5.500c0 4.500-3 8-7.500 9.500-4.500-1.500-7.500-5-7.500-9.500V6zM8.500 12l2.500 2.500 4.500-5",
  smile:
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8.500 14c.800 1.500 2 2.200 3.500 2.200s2.700-.700 3.500-2.200M9 9.500v.1M15 9.500v.1",
  timer: "M12 7a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM12 10.500V14l2 1.500M9.500 3h5",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.500 11v5.500M13.500 11v5.500",
  unfold: "M6 9l6 6 6-6",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

interface IconButtonProps {
  readonly name: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly class?: string;
}

/** A button that is only a sign; its label is what screen readers and the mouse show. */
export function IconButton({ name, label, onClick, class: more = "" }: IconButtonProps): JSX.Element {
  return (
    <button type="button" class={`icon-button ${more}`} aria-label={label} title={label} onClick={onClick}>
      <Icon name={name} />
    </button>
  );
}
