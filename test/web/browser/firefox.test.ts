// The page of a real program in Firefox, once: its policies, its cookie and its events are those of another browser.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fixture } from "../../e2e/fixture.ts";
import { Firefox, FIREFOX, hasFirefox } from "./firefox-driver.ts";

const ENTER = "\uE007";
const HOSTILE = `<img src=x onerror="document.title='owned'">`;

const skip = hasFirefox ? false : `${FIREFOX} is not installed`;

/** Whether a line with this text is shown, in the page. */
const shows = (text: string): string =>
  `[...document.querySelectorAll(".line-text")].some((one) => one.textContent === ${JSON.stringify(text)})`;

describe("the page of a program in Firefox", { skip }, () => {
  it("pairs by a pasted invite, talks both ways, and shows hostile text as text", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server({ args: ["--name", "ada"] });
    const { invite } = await server.next("invite");
    const client = fixture.client({ args: ["--http", "--name", "bob"] });
    const { url } = await client.next("http");
    const firefox = await Firefox.start();
    t.after(async () => await firefox.close());

    await firefox.open(String(url));
    await firefox.until("document.querySelector('textarea')", "the page asks for an invite");
    assert.equal(await firefox.evaluate("location.hash"), "", "the token has gone from the address");
    await firefox.evaluate("document.querySelector('textarea').focus()");
    await firefox.type(String(invite));
    await firefox.type(ENTER);
    await firefox.until("document.querySelector('.entry')", "they are paired");
    await firefox.evaluate("document.querySelector('.entry').click()");
    await firefox.until("document.querySelector('.composer textarea')", "the conversation is open");
    await firefox.evaluate("document.querySelector('.composer textarea').focus()");

    await firefox.type(`from Firefox${ENTER}`);
    assert.equal((await server.next("message"))["text"], "from Firefox");
    server.tell({ send: HOSTILE });
    await firefox.until(shows(HOSTILE), "the text of the other side");
    assert.doesNotMatch(String(await firefox.evaluate("document.title")), /owned/);

    // Signed in by its cookie and its key, and its lines are there again.
    await firefox.open(String(url).split("#")[0]!);
    await firefox.until("document.querySelector('.entry')", "it is signed in after a reload");
  });
});
