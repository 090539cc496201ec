// The first pages of supervisors and managers.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, withDesk } from "./harness.mjs";
import { id, number, rowCount, textBecomes } from "./page.mjs";

test("a supervisor starts on attendance: who is in, out and late, and a day sheet each", () =>
  withDesk(async ({ page, picture }) => {
    await page.waitForSelector(id("attendance-page"), { timeout: 60_000 });
    await page.waitForSelector(id("attendance-row"), { timeout: 60_000 });
    // People come and go meanwhile: the three numbers have to fit at some moment.
    await eventually("everybody is in, late or out", async () => {
      const counts = await Promise.all(["in", "late", "out"].map((name) => number(page, id(`attendance-${name}`))));
      return counts.reduce((sum, count) => sum + count, 0) === (await rowCount(page, "attendance"));
    });

    // Whoever is first before the list is narrowed: at some hours nobody is in.
    await page.locator(id("attendance-row")).first().click();
    await page.click(id("attendance-in"));
    await eventually("only who is in", async () => (await rowCount(page, "attendance")) === (await number(page, id("attendance-in"))));
    await textBecomes(page, "day-sheet", /Total|No sign-in/);
    assert.match(await page.innerText(id("day-sheet")), /Times in Europe\/Monaco/, "the zone is said");
    await picture("attendance");

    await page.click(id("nav-desk"));
    await page.waitForSelector(id("tasks-row"));
    assert.equal(await page.locator(id("new-task")).count(), 0, "a supervisor creates no tasks");
  }, { backendArgs: ["--demo", "--sign-in", "supervisor"] }));

test("a manager starts on today's figures, and they stay without a server", () =>
  withDesk(async ({ page, picture }) => {
    await page.waitForSelector(id("figure-closed"), { timeout: 60_000 });
    await eventually("people", async () => (await number(page, id("figure-people"))) > 0, 60_000);
    await page.waitForSelector(`${id("by-status")} .bar`);
    assert.equal(await page.locator(`${id("per-day")} .bar`).count(), 7, "a week of days");
    assert.match(await page.innerText(id("as-of")), /as of/, "the age of the figures is said");
    await picture("figures");

    await page.click(id("demo-server"));
    await page.waitForSelector(id("offline-banner"), { timeout: 60_000 });
    await page.click(id("nav-desk"));
    await page.click(id("nav-figures"));
    await page.waitForSelector(id("figure-closed"));
    assert.ok((await number(page, id("figure-people"))) >= 0, "figures come from the cache");
  }, { backendArgs: ["--demo", "--sign-in", "manager"] }));
