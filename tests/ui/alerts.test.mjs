// Alerts are seen, opened and acknowledged.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, withDesk } from "./harness.mjs";
import { deskIsThere, id, textBecomes } from "./page.mjs";

test("alerts are opened by a click, acknowledged one by one, and all at once", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.click(id("alerts-bell"));
    await page.locator(id("ack")).first().waitFor({ timeout: 120_000 });
    await picture("alerts");

    // New alerts push the others down: from here on it is this one, wherever it is.
    const [row] = await unacknowledged(page);
    await page.locator(`[data-id="${row}"] .a-text`).click();
    await page.waitForSelector(id("alert-details"));

    await page.locator(`[data-id="${row}"] ${id("ack")}`).click();
    await eventually("it is acknowledged", async () => !(await unacknowledged(page)).includes(row));
    await textBecomes(page, "alert-details", /seen by/);

    // The fleet goes on meanwhile: what is new by now is acknowledged, what comes later is not.
    const seen = await unacknowledged(page);
    await page.click(id("ack-all"));
    await eventually("what was new is acknowledged", async () => {
      const still = new Set(await unacknowledged(page));
      return seen.every((alert) => !still.has(alert));
    });
    assert.ok((await page.locator(id("alerts-row")).count()) > 0, "acknowledged alerts stay in the list");
  }, { backendArgs: ["--demo", "--sign-in", "dispatcher"] }));

/** The ids of the rows on the screen that offer to be acknowledged. */
function unacknowledged(page) {
  return page.locator(`${id("alerts-row")}:has(${id("ack")})`).evaluateAll((rows) => rows.map((row) => row.dataset.id));
}
