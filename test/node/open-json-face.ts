// The face for programs, with what it writes and what it asks for.

import type { Command } from "../../src/app/events.ts";
import { JsonFrontend, type LineSource } from "../../src/ui/json-lines.ts";

export function openJsonFace() {
  const written: string[] = [];
  const commands: Command[] = [];
  const calls: string[] = [];
  const input = {
    handlers: {} as LineSource["handlers"],
    resume: () => void calls.push("resume"),
    pause: () => void calls.push("pause"),
    close: () => void calls.push("close"),
  };
  const frontend = new JsonFrontend({
    input,
    output: {
      gather: (text) => void written.push(text),
      whenTaken: (action) => action(true),
    },
    onCommand: (command) => commands.push(command),
  });
  return { frontend, input, written, commands, calls };
}
