// Signing in: what can go wrong is said in words, and the demo is one click away.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { withDesk } from "./harness.mjs";
import { deskIsThere, id, textBecomes } from "./page.mjs";

/** A server that refuses every sign-in with `code`. */
async function refusingServer(status, code) {
  const server = createServer((_request, answer) => {
    answer.writeHead(status, { "content-type": "application/json", "officetrack-api": "1" });
    answer.end(JSON.stringify({ code, message: "refused by the story" }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

async function signIn(page, server) {
  const fields = { server, company: "Riviera", user: "camille", password: "guess" };
  for (const [name, value] of Object.entries(fields)) {
    await page.fill(id(name), value);
  }
  await page.click(id("sign-in"));
}

test("every refusal has its own words, and what was typed stays", () =>
  withDesk(async ({ page }) => {
    await page.click(id("sign-in"));
    await textBecomes(page, "sign-in-error", /Fill in/);

    await signIn(page, "http://elsewhere.example");
    await textBecomes(page, "sign-in-error", /not an address/);

    await signIn(page, "http://127.0.0.1:9");
    await textBecomes(page, "sign-in-error", /cannot be reached/);

    const wrong = await refusingServer(401, "wrong_credentials");
    await signIn(page, wrong.url);
    await textBecomes(page, "sign-in-error", /user or password is wrong/);
    assert.equal(await page.inputValue(id("user")), "camille", "nobody types everything again");
    assert.equal(await page.inputValue(id("password")), "", "but a wrong password goes");
    wrong.stop();

    const locked = await refusingServer(429, "locked_out");
    await signIn(page, locked.url);
    await textBecomes(page, "sign-in-error", /Too many wrong passwords/);
    locked.stop();
  }));

// A real damaged queue needs a key store; the backend's own tests have one. Here it is said what people see of it.
test("a damaged queue is told, and what can be read is saved from the sign-in page", () =>
  withDesk(async ({ page }) => {
    const answers = {
      sign_in: { err: { code: { kind: "queue_damaged" } } },
      salvage_queue: { ok: { response: "salvaged", body: { kept: 3, lost: 1, aside: "/data/outbox.db.damaged-1" } } },
    };
    await page.route("**/api/request", (route) => {
      const answer = answers[route.request().postDataJSON().request];
      return answer ? route.fulfill({ json: answer }) : route.continue();
    });
    await signIn(page, "http://127.0.0.1:9");
    await textBecomes(page, "sign-in-error", /damaged[\s\S]*Nothing was deleted/);
    await page.click(id("salvage"));
    await textBecomes(page, "salvaged", /3 changes were saved[\s\S]*1 place[\s\S]*outbox\.db\.damaged-1[\s\S]*sign in again/);
    assert.equal(await page.locator(id("salvage")).count(), 0, "it is done once");

    answers.sign_in = { err: { code: { kind: "storage_newer" } } };
    await signIn(page, "http://127.0.0.1:9");
    await textBecomes(page, "sign-in-error", /newer version/);
    assert.equal(await page.locator(id("salvage")).count(), 0, "nothing is damaged there");
  }));

test("the demo starts from the sign-in page, and signing out comes back to it", () =>
  withDesk(async ({ page, picture }) => {
    await page.click(id("explore-demo"));
    await deskIsThere(page);
    assert.match(await page.innerText(id("who")), /Dispatcher/, "as the role that was chosen");
    await picture("demo");
    await page.click(id("sign-out"));
    await page.waitForSelector(id("sign-in"));
    assert.equal(await page.locator(id("resources-row")).count(), 0, "nothing of the company stays on the screen");
  }));
