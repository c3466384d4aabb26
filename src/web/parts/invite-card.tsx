// Something to hand over: a text that can be copied, and the same as a QR code.

import { encodeQR } from "qr";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";

/** A QR code as one path: black on white in both themes, because cameras expect it. */
function QrCode({ text, label }: { readonly text: string; readonly label: string }): JSX.Element | null {
  const code = useMemo(() => pathOf(text), [text]);
  if (code === undefined) return null;
  return (
    <svg class="qr" viewBox={`0 0 ${code.size} ${code.size}`} role="img" aria-label={label}>
      <path class="qr-ground" d={`M0 0h${code.size}v${code.size}H0z`} />
      <path class="qr-dots" d={code.path} />
    </svg>
  );
}

/** Undefined if the text is too long for a code. */
function pathOf(text: string): { readonly size: number; readonly path: string } | undefined {
  try {
    const rows = encodeQR(text, "raw", { ecc: "low", border: 3 });
    let path = "";
    rows.forEach((row, y) => {
      for (let x = 0; x < row.length; x++) {
        if (row[x] !== true) continue;
        let end = x;
        while (row[end] === true) end++;
        // A little higher than a row: no seam shows between two.
        path += `M${x} ${y}h${end - x}v1.03h-${end - x}z`;
        x = end;
      }
    });
    return { size: rows.length, path };
  } catch {
    return undefined;
  }
}

function CopyButton({ text, label = "Copy" }: { readonly text: string; readonly label?: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2_000);
    } catch {
      // The browser forbids it: the text stands beside the button.
    }
  };
  return (
    <button type="button" class="button button-main" onClick={() => void copy()}>
      <span aria-live="polite">{isCopied ? "Copied" : label}</span>
    </button>
  );
}

interface InviteCardProps {
  readonly text: string;
  readonly intro: string;
  readonly label: string;
}

export function InviteCard({ text, intro, label }: InviteCardProps): JSX.Element {
  return (
    <div class="invite">
      <p>{intro}</p>
      <div class="invite-parts">
        <QrCode text={text} label={`${label} as a QR code`} />
        <div class="invite-text">
          <code tabIndex={0} aria-label={label}>
            {text}
          </code>
          <CopyButton text={text} />
        </div>
      </div>
    </div>
  );
}
