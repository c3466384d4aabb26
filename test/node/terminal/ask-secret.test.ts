import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAllZero, toUtf8 } from "../../../src/core/bytes.ts";
import { askSecret } from "../../../src/node/terminal/ask-secret.ts";
import { FakeClock, FakeHooks, FakeInput, FakeOutput } from "./fakes.ts";

function terminal() {
  const [input, output, hooks] = [new FakeInput(), new FakeOutput(40, 5), new FakeHooks()];
  const answer = askSecret("passphrase: ", 32, { input, output, hooks });
  return { input, output, hooks, answer };
}

/** Nothing of the question is left behind but its row. */
function isGivenBack({ input, hooks }: { input: FakeInput; hooks: FakeHooks }): void {
  assert.equal(input.isRaw, false);
  assert.equal(input.isPaused(), true);
  for (const event of ["data", "end", "error"]) assert.equal(input.listenerCount(event), 0, event);
  assert.equal(hooks.onExitListeners.size + hooks.onContinueListeners.size, 0);
}

describe("askSecret", () => {
  it("asks in raw mode, shows nothing that is typed, and gives the terminal back", async () => {
    const asked = terminal();
    assert.equal(asked.input.isRaw, true);
    asked.input.type("sec");
    asked.input.type("rey\x7ft\r");
    assert.deepEqual(await asked.answer, { type: "secret", bytes: toUtf8("secret") });
    assert.equal(asked.output.written, "passphrase: \n");
    isGivenBack(asked);
  });

  it("takes an Esc that nothing follows for a key by itself", async () => {
    const [input, clock] = [new FakeInput(), new FakeClock()];
    const answer = askSecret("", 32, { input, output: new FakeOutput(40, 5), hooks: new FakeHooks(), clock });
    input.type("\x1b");
    clock.pass(1_000);
    input.type("P");
    input.type("\x1b");
    input.type("\r");
    assert.deepEqual(await answer, { type: "secret", bytes: toUtf8("P") });
    assert.equal(clock.pending.length, 0);
  });

  it("has the terminal raw before the question stands there", async () => {
    const [input, hooks] = [new FakeInput(), new FakeHooks()];
    const modes: boolean[] = [];
    const output = { write: () => void modes.push(input.isRaw) };
    const answer = askSecret("", 32, { input, output, hooks });
    input.type("\r");
    await answer;
    assert.deepEqual(modes, [true, false]);
  });

  it("gives the terminal back after Ctrl-C and at the end of the input", async () => {
    for (const [end, type] of [
      [(input: FakeInput) => input.type("abc\x03"), "interrupted"],
      [(input: FakeInput) => void input.emit("end"), "ended"],
      [(input: FakeInput) => void input.emit("error", new Error("EIO")), "ended"],
    ] as const) {
      const asked = terminal();
      end(asked.input);
      assert.deepEqual(await asked.answer, { type });
      isGivenBack(asked);
    }
  });

  it("gives it back when the program leaves meanwhile", () => {
    const { input, hooks } = terminal();
    for (const leave of hooks.onExitListeners) leave();
    assert.equal(input.isRaw, false);
  });

  it("is without echo again when the program goes on after a stop, and asks anew", async () => {
    const asked = terminal();
    const modes: boolean[] = [];
    asked.input.setRawMode = (on) => {
      modes.push(on);
      return asked.input;
    };
    for (const goOn of asked.hooks.onContinueListeners) goOn();
    // A mode that is on already would not be set.
    assert.deepEqual(modes, [false, true]);
    asked.input.type("x\r");
    await asked.answer;
    assert.equal(asked.output.written, "passphrase: passphrase: \n");
  });

  it("overwrites what came from the terminal", async () => {
    const asked = terminal();
    const chunks = ["secr", "et", "\r"].map((text) => Buffer.from(text));
    for (const chunk of chunks) asked.input.emit("data", chunk);
    await asked.answer;
    for (const chunk of chunks) assert.ok(isAllZero(chunk), "a chunk of input");
  });

  it("survives a terminal that is gone", async () => {
    const input = new FakeInput();
    input.setRawMode = () => {
      throw Object.assign(new Error("setRawMode EIO"), { code: "EIO" });
    };
    const answer = askSecret("? ", 32, {
      input,
      output: new FakeOutput(40, 5),
      hooks: new FakeHooks(),
    });
    input.emit("end");
    assert.deepEqual(await answer, { type: "ended" });
  });
});
