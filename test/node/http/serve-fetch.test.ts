// The step between Node's HTTP server and an application.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, it } from "node:test";
import { BodyCutOff, serveFetch } from "../../../src/node/http/serve-fetch.ts";

describe("a body that is cut off", () => {
  for (const length of ["Content-Length: 100", "Transfer-Encoding: chunked"]) {
    it(`is told from an error of the program: ${length}`, async (test) => {
      const seen = await new Promise<unknown>((resolve, reject) => {
        const server = createServer();
        test.after(() => server.close());
        server.listen({ host: "127.0.0.1", port: 0 }, () => {
          const { port } = server.address() as AddressInfo;
          const socket = connect({ host: "127.0.0.1", port });
          const fetch = async (request: Request): Promise<Response> => {
            const text = request.text();
            socket.destroy();
            await text.then(resolve, resolve);
            return new Response("nobody reads this");
          };
          server.on("request", serveFetch(fetch, reject));
          socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${length}\r\n\r\n5\r\nhello`);
        });
      });
      assert.ok(seen instanceof BodyCutOff, String(seen));
    });
  }
});
