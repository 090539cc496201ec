// A task is put out to bid, answers come in, and the office picks the winner.

import assert from "node:assert/strict";
import { test } from "node:test";

import { withDesk } from "./harness.mjs";
import { createTask, deskIsThere, id, textBecomes } from "./page.mjs";

const DISPATCHER = { backendArgs: ["--demo", "--sign-in", "dispatcher"] };

test("a winner is set after a question, and the bid is over", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.click(id("tab-bids"));
    const answered = page.locator(id("bid")).filter({ has: page.locator(id("set-winner")) });
    await answered.first().waitFor({ timeout: 120_000 });
    // Open bids come by their deadlines: the last one stays open for longest.
    const bid = await answered.last().getAttribute("data-id");
    await picture("bids");

    await page.locator(`[data-id="${bid}"] ${id("set-winner")}`).first().click();
    await page.waitForSelector(id("winner-dialog"));
    await page.keyboard.press("Escape");
    await page.waitForSelector(id("winner-dialog"), { state: "detached" });
    assert.equal(await page.locator(`[data-id="${bid}"] .bid-line.won`).count(), 0, "Escape decides nothing");

    await page.locator(`[data-id="${bid}"] ${id("set-winner")}`).first().click();
    await page.click(id("confirm"));
    await page.waitForSelector(`[data-id="${bid}"] .bid-line.won`);
    assert.equal(await page.locator(`[data-id="${bid}"] ${id("set-winner")}`).count(), 0, "there is one winner only");
  }, DISPATCHER));

test("an invitation goes to the chosen group, and the offer can be taken back", () =>
  withDesk(async ({ page }) => {
    await deskIsThere(page);
    await createTask(page, "Glass door in pieces");
    await page.click(id("open-bid"));
    await page.waitForSelector(id("invitee"));
    await page.selectOption(id("bid-deadline-minutes"), "30");
    await page.locator(`${id("invitee")} input`).first().uncheck();
    await page.click(id("send-bid"));
    const card = page.locator(id("bid")).filter({ hasText: "Glass door in pieces" });
    await card.waitFor();
    assert.ok((await card.locator(id("bid-row")).count()) > 0, "everybody who was asked has a line");

    await card.locator(id("cancel-bid")).click();
    await page.click(id("confirm"));
    await textBecomes(page, "bid", /Glass door in pieces[\s\S]*Canceled/);
  }, DISPATCHER));
