// A text that somebody has written: text and nothing else, with addresses that can be opened and words that were sought.

import type { JSX } from "preact";
import { textParts } from "../state/text-parts.ts";

export function TextParts({ text, words = "" }: { readonly text: string; readonly words?: string }): JSX.Element {
  return (
    <>
      {textParts(text, words).map((part, index) => {
        if (part.kind === "mark") return <mark key={index}>{part.text}</mark>;
        if (part.kind === "text") return part.text;
        return (
          <a key={index} href={part.text} target="_blank" rel="noopener noreferrer" dir="ltr">
            {part.text}
          </a>
        );
      })}
    </>
  );
}
