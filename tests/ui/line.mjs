// The line between a desk and its server, in the story's hands: it can be cut, mended, and made to refuse.

import { createServer, request } from "node:http";
import { connect } from "node:net";

import { freePort } from "./harness.mjs";

/** Starts a line to `server` (an URL); the desk signs in at the line's own `url`. */
export async function startLine(server) {
  const { hostname, port } = new URL(server);
  const ownPort = await freePort();
  const upgraded = new Set();
  const line = { url: `http://127.0.0.1:${ownPort}`, refuses: null };
  let listener = null;

  const pass = (asked, answer) => {
    const refusal = line.refuses?.(asked);
    if (refusal) {
      asked.resume();
      answer.writeHead(refusal.status, { "content-type": "application/json", "officetrack-api": "1" });
      answer.end(JSON.stringify({ code: refusal.code, message: "refused by the story" }));
      return;
    }
    const { method, url: path, headers } = asked;
    const onward = request({ hostname, port, method, path, headers }, (came) => {
      answer.writeHead(came.statusCode, came.headers);
      came.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    asked.pipe(onward);
  };

  const upgrade = (asked, socket, head) => {
    const onward = connect(Number(port), hostname, () => {
      const lines = [`${asked.method} ${asked.url} HTTP/1.1`];
      for (let index = 0; index < asked.rawHeaders.length; index += 2) {
        lines.push(`${asked.rawHeaders[index]}: ${asked.rawHeaders[index + 1]}`);
      }
      onward.write(`${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) {
      upgraded.add(end);
      end.on("error", () => {});
      end.on("close", () => [socket, onward].forEach((other) => other.destroy()));
    }
  };

  /** Nothing gets through; whoever connects is refused. */
  line.cut = async () => {
    const closing = listener;
    listener = null;
    if (!closing) {
      return;
    }
    const closed = new Promise((resolve) => closing.close(resolve));
    line.hangUp();
    closing.closeAllConnections();
    await closed;
  };
  /** Ends the standing connections only: the desk has to ask again. */
  line.hangUp = () => {
    upgraded.forEach((socket) => socket.destroy());
    upgraded.clear();
  };
  line.mend = () =>
    new Promise((resolve, reject) => {
      listener = createServer(pass);
      listener.on("upgrade", upgrade);
      listener.once("error", reject);
      listener.listen(ownPort, "127.0.0.1", resolve);
    });
  line.stop = line.cut;
  await line.mend();
  return line;
}
