// The server goes away: the desk says so, keeps working, and catches up.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, withDesk } from "./harness.mjs";
import { assignToBest, createTask, deskIsThere, id, number, textBecomes } from "./page.mjs";

test("without a server work goes on, waits, and is sent when the server is back", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await createTask(page, "Before the server went away");
    await page.click(id("demo-server"));
    await page.waitForSelector(id("offline-banner"), { timeout: 60_000 });
    await textBecomes(page, "offline-banner", /cached data/);

    await assignToBest(page);
    await page.waitForSelector(id("pending-count"));
    assert.ok((await number(page, id("pending-count"))) >= 1, "the change waits");
    await page.click(id("pending-count"));
    await textBecomes(page, "queued", /Assignment of/);
    await picture("queue");
    await page.keyboard.press("Escape");

    await page.click(id("demo-server"));
    await page.waitForSelector(id("offline-banner"), { state: "detached", timeout: 60_000 });
    await eventually("the queue is empty", async () => (await page.locator(id("pending-count")).count()) === 0, 60_000);
  }, { backendArgs: ["--demo", "--sign-in", "dispatcher"] }));
