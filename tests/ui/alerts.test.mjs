// Alerts are worked through: with the mouse, with the keyboard, many at once, and back again; and why they fired.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, withDesk } from "./harness.mjs";
import { deskIsThere, id, textBecomes } from "./page.mjs";

const DISPATCHER = { backendArgs: ["--demo", "--sign-in", "dispatcher"] };

/** The alert centre with at least one new alert in it. */
async function centreIsThere(page) {
  await deskIsThere(page);
  await page.locator(id("nav-alerts-count")).waitFor({ timeout: 120_000 });
  await page.keyboard.press("i");
  await page.waitForSelector(id("alert-centre"));
  await page.locator(id("alerts-row")).first().waitFor();
}

const focused = (page) => page.evaluate(() => document.activeElement?.dataset.testid);

/** The ids of the rows on the screen that are single alerts and offer to be acknowledged. */
const unacknowledged = (page) =>
  page
    .locator(`${id("alerts-row")}:has(${id("ack")}):not(:has(${id("storm")}))`)
    .evaluateAll((rows) => rows.map((row) => row.dataset.id));

const rowOf = (page, alert) => page.locator(`${id("alerts-row")}[data-id="${alert}"]`);

const stageBecomes = (page, alert, stage) =>
  eventually(`${alert} is ${stage}`, async () => {
    const shown = rowOf(page, alert).locator(id("stage"));
    return (await shown.count()) === 1 && (await shown.getAttribute("data-stage")) === stage;
  });

/** A new alert under the cursor, with the focus in the list. */
async function cursorOnNew(page) {
  const [alert] = await eventually("a new alert", async () => {
    const found = await unacknowledged(page);
    return found.length > 0 && found;
  }, 120_000);
  await rowOf(page, alert).locator(".a-text").click();
  await page.waitForSelector(id("alert-details"));
  return alert;
}

test("in the dock alerts are opened by a click, acknowledged one by one, and all at once", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.click(id("tab-alerts"));
    await page.locator(id("ack")).first().waitFor({ timeout: 120_000 });
    await picture("alerts");

    // New alerts push the others down: from here on it is this one, wherever it is.
    const alert = await cursorOnNew(page);
    await rowOf(page, alert).locator(id("ack")).click();
    await stageBecomes(page, alert, "acknowledged");
    await textBecomes(page, "alert-history", /acknowledged it/);

    // The fleet goes on meanwhile: what is new by now is acknowledged, what comes later is not.
    const seen = await unacknowledged(page);
    await page.click(id("ack-all"));
    await eventually("what was new is acknowledged", async () => {
      const still = new Set(await unacknowledged(page));
      return seen.every((one) => !still.has(one));
    });
    assert.ok((await page.locator(id("alerts-row")).count()) > 0, "acknowledged alerts stay in the list");
  }, DISPATCHER));

test("alerts are worked through with the keyboard alone, and taken back", () =>
  withDesk(async ({ page, picture }) => {
    await centreIsThere(page);
    await eventually("the list has the focus", async () => (await focused(page)) === "alerts");
    const alert = await cursorOnNew(page);
    await page.focus(id("alerts"));

    await page.keyboard.press("a");
    await stageBecomes(page, alert, "acknowledged");
    assert.equal(await focused(page), "alerts", "the focus stays in the list");
    const active = await page.locator(`${id("alerts-row")}.active`).getAttribute("data-id");
    assert.notEqual(active, alert, "the next line is up");

    // The way back is there when the answer is, which may be after the change itself.
    await page.locator(id("undo-alerts")).first().waitFor();
    await page.keyboard.press("u");
    await stageBecomes(page, alert, "new");
    await rowOf(page, alert).locator(".a-text").click();
    await page.focus(id("alerts"));
    await page.keyboard.press("m");
    await stageBecomes(page, alert, "assigned");
    await rowOf(page, alert).locator(".a-text").click();
    await textBecomes(page, "alert-history", /assigned it to/);
    await page.focus(id("alerts"));
    await page.keyboard.press("s");
    await stageBecomes(page, alert, "snoozed");
    await rowOf(page, alert).locator(".a-text").click();
    await page.focus(id("alerts"));
    await page.keyboard.press("e");
    await eventually("what is resolved is out of sight", async () => (await rowOf(page, alert).count()) === 0);
    await picture("triage");

    await page.click(id("alerts-resolved"));
    await rowOf(page, alert).locator(".a-text").click();
    await textBecomes(page, "alert-history", /acknowledged it[^]*reopened it[^]*assigned it[^]*snoozed it[^]*resolved it/);
    await page.keyboard.press("?");
    await textBecomes(page, "shortcuts-dialog", /Working through alerts[^]*Snooze for 15 minutes/);
    await page.keyboard.press("Escape");
    await page.click(id("act-reopen"));
    await eventually("it is not resolved any more", async () => (await rowOf(page, alert).count()) === 0);
  }, DISPATCHER));

test("several are marked and resolved with a note; menus assign and snooze", () =>
  withDesk(async ({ page, picture }) => {
    await centreIsThere(page);
    const alert = await cursorOnNew(page);
    await page.locator(`${id("alert-details")} ${id("act-assign")}`).click();
    await page.locator(id("act-assign-item")).first().waitFor();
    assert.match(await page.locator(id("act-assign-item")).first().innerText(), /^Me/, "me first");
    await picture("assign-menu");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await stageBecomes(page, alert, "assigned");

    await rowOf(page, alert).locator(".a-text").click();
    await page.locator(`${id("alert-details")} ${id("act-snooze")}`).click();
    await page.locator(id("act-snooze-item")).last().click();
    await page.waitForSelector(id("snooze-dialog"));
    await page.click(id("confirm"));
    await stageBecomes(page, alert, "snoozed");

    await rowOf(page, alert).locator(id("choose")).check();
    await textBecomes(page, "marked", /1 alert marked/);
    await page.locator(`${id("alert-centre")} ${id("act-resolve-note")}`).click();
    await page.fill(id("resolve-note"), "The gate was open");
    await page.click(id("confirm"));
    await eventually("it is resolved", async () => (await rowOf(page, alert).count()) === 0);
    await page.click(id("alerts-resolved"));
    await rowOf(page, alert).locator(".a-text").click();
    await textBecomes(page, "alert-history", /resolved it: The gate was open/);
  }, DISPATCHER));

test("without a connection alerts are dealt with here, marked, and sent later", () =>
  withDesk(async ({ page, picture }) => {
    await centreIsThere(page);
    const alert = await cursorOnNew(page);
    await page.click(id("demo-server"));
    await page.waitForSelector(id("alerts-offline"), { timeout: 60_000 });
    await page.locator(`${id("alert-details")} ${id("act-acknowledge")}`).click();
    await stageBecomes(page, alert, "acknowledged");
    await rowOf(page, alert).locator(id("unsent")).waitFor();
    await picture("alerts-offline");
    await page.click(id("demo-server"));
    await eventually("it is sent", async () => (await rowOf(page, alert).locator(id("unsent")).count()) === 0, 90_000);
    await stageBecomes(page, alert, "acknowledged");
  }, DISPATCHER));

test("an alert tells why it fired", () =>
  withDesk(async ({ page, picture }) => {
    await centreIsThere(page);
    await page.selectOption(id("alerts-topic"), "FenceEntered");
    // What the demo begins with has no track behind it: somebody has to drive in while we watch.
    const before = new Set(await unacknowledged(page));
    const alert = await eventually("somebody enters a fence", async () => {
      const found = await unacknowledged(page);
      return found.find((one) => !before.has(one));
    }, 180_000);
    await rowOf(page, alert).locator(".a-text").click();
    await page.waitForSelector(id("alert-details"));
    await page.click(id("why-ask"));
    await textBecomes(page, "verdict", /Entered a fence at/);
    await eventually("its fixes", async () => (await page.locator(id("why-fix")).count()) > 0);
    assert.ok((await page.locator(`${id("why-fix")}[data-decides="true"]`).count()) >= 2, "the run that decided is marked");
    await page.locator(id("why-fix")).first().hover();
    await picture("why");
  }, DISPATCHER));

test("a rule is made, checked, switched off and deleted", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.click(id("nav-rules"));
    await page.waitForSelector(id("rules-page"));
    await page.click(id("new-rule"));
    await page.click(id("save-rule"));
    await textBecomes(page, "rule-error", /name/);
    await page.fill(id("rule-name"), "Nearly empty, story");
    await page.selectOption(id("rule-kind"), "battery-low");
    await page.fill(id("rule-figure"), "95");
    await page.click(id("save-rule"));
    await textBecomes(page, "rule-error", /limit/);
    await page.fill(id("rule-figure"), "20");
    await page.selectOption(id("rule-schedule-when"), "hours");
    await page.selectOption(id("rule-policy-severity"), "Critical");
    await page.selectOption(id("rule-policy-escalate"), "300");
    await page.click(id("save-rule"));
    const row = page.locator(id("rule-row")).filter({ hasText: "Nearly empty, story" });
    await row.waitFor();
    assert.match(await row.innerText(), /battery below 20 %[^]*Mon–Fri 08:00–17:00[^]*Critical[^]*escalates after 5 min/, "in words");
    await picture("rules");

    await row.locator(id("rule-enabled")).uncheck();
    await textBecomes(page, "toast", /Nearly empty, story is switched off/);
    await row.locator(id("open-rule")).click();
    await page.click(id("delete-rule"));
    await page.click(id("confirm"));
    await eventually("it is gone", async () => (await row.count()) === 0);
  }, DISPATCHER));
