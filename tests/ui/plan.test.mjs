// A day is planned: what would change is seen first, part of it is made, and taken back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, withDesk } from "./harness.mjs";
import { deskIsThere, id, number, textBecomes } from "./page.mjs";

const DISPATCHER = { backendArgs: ["--demo", "--sign-in", "dispatcher"] };
/** A search and what is around it. */
const PLANNED_WITHIN_MS = 90_000;

/** Plans with the shortest search, and waits for what comes of it. */
async function plan(page) {
  await page.selectOption(id("plan-seconds"), "5");
  await page.click(id("make-plan"));
  await page.waitForSelector(id("plan-figures"), { timeout: PLANNED_WITHIN_MS });
  await eventually("figures", async () => (await page.locator(id("plan-figure")).count()) === 8);
}

/** What the day comes to with the plan, by figure. */
const figures = (page) =>
  page.$$eval(id("plan-figure"), (cards) =>
    Object.fromEntries(cards.map((card) => [card.dataset.figure, { trend: card.dataset.trend, text: card.innerText }])),
  );

const settled = (page) =>
  eventually("the moves are worked out", async () => (await page.locator(id("plan-counting")).count()) === 0);

test("a day is planned, looked at, made in part, and taken back", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.keyboard.press("p");
    await page.waitForSelector(id("plan-page"));
    await plan(page);
    await picture("plan");

    const moves = Number(await page.getAttribute(id("plan-moves"), "data-count"));
    assert.ok(moves > 1, `a day in full swing can be better, ${moves} moves`);
    assert.equal(await page.locator(id("plan-move")).count(), moves, "every move has its line");
    assert.equal(await number(page, id("apply-plan")), moves, "all of them are chosen at first");
    const all = await figures(page);
    assert.ok(Object.values(all).some((figure) => figure.trend === "better"), `something is better: ${JSON.stringify(all)}`);

    await page.click(id("plan-no-moves"));
    await settled(page);
    assert.ok(await page.locator(id("apply-plan")).isDisabled(), "nothing chosen is nothing to make");
    const none = await figures(page);
    assert.ok(Object.values(none).every((figure) => figure.trend === "same"), `without moves the day is as it is: ${JSON.stringify(none)}`);

    await page.locator(id("plan-move-chosen")).first().check();
    await settled(page);
    assert.equal(await number(page, id("apply-plan")), 1, "one move is chosen");
    await page.click(id("apply-plan"));
    await textBecomes(page, "plan-done", /tasks? moved/);
    await textBecomes(page, "toast", /tasks? moved/);
    await picture("plan-applied");

    await page.click(id("plan-undo"));
    await textBecomes(page, "toast", /went back/);
    await textBecomes(page, "plan-done", /taken back/);
    assert.equal(await page.locator(id("undo-plan")).count(), 0, "it can't be taken back twice");
  }, DISPATCHER));

test("the planning goes on while somebody looks elsewhere, and can be stopped", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.click(id("nav-plan"));
    await page.selectOption(id("plan-seconds"), "60");
    await page.click(id("make-plan"));
    await page.waitForSelector(id("plan-progress"));
    await page.click(id("nav-desk"));
    await page.waitForSelector(id("tasks-row"));
    await page.click(id("nav-plan"));
    await textBecomes(page, "plan-step", /Searching/, PLANNED_WITHIN_MS);
    await textBecomes(page, "plan-best", /of driving/);
    await picture("plan-progress");
    const stopped = Date.now();
    await page.click(id("stop-plan"));
    await page.waitForSelector(id("plan-figures"), { timeout: 20_000 });
    assert.ok(Date.now() - stopped < 20_000, "the best plan so far is there soon");
    await textBecomes(page, "plan-basis", /stopped early/);
  }, DISPATCHER));

test("the timeline is walked by keys, a task is locked there, and whose day is planned is chosen", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.keyboard.press("p");
    for (const index of [0, 1, 2]) {
      await page.locator(id("plan-person")).nth(index).check();
    }
    await textBecomes(page, "plan-who", /Only 3 people/);
    await plan(page);
    const days = await page.locator(id("plan-day")).count();
    const unplanned = (await page.locator(id("plan-not-planned")).count()) > 0;
    assert.ok(days === 3 || (days < 3 && unplanned), `three days, or it is said why not: ${days}`);

    await page.click(id("plan-people-all"));
    await plan(page);
    await page.focus(id("plan-timeline"));
    await page.keyboard.press("ArrowDown");
    const first = await page.getAttribute(id("plan-timeline"), "aria-activedescendant");
    assert.ok(first?.startsWith("plan-bar-"), "the first arrow goes to a task");
    await textBecomes(page, "plan-detail", /arrives \d\d:\d\d/);
    await page.keyboard.press("ArrowDown");
    const second = await page.getAttribute(id("plan-timeline"), "aria-activedescendant");
    assert.notEqual(second, first, "the next one to another");
    const label = await page.getAttribute(`#${second}`, "aria-label");
    assert.match(label, /work \d\d:\d\d–\d\d:\d\d/, "a bar is told in words");

    const lock = page.locator(`${id("plan-move")} ${id("plan-lock")}`).first();
    if ((await lock.count()) > 0) {
      await lock.click();
      await textBecomes(page, "plan-locked", /1 task stays/);
      const task = await page.locator(id("plan-move")).filter({ has: page.locator('[aria-pressed="true"]') }).first().getAttribute("data-id");
      await plan(page);
      assert.equal(await page.locator(`${id("plan-move")}[data-id="${task}"]`).count(), 0, "what is locked does not move");
    }

    for (const width of [1280, 1024, 900]) {
      await page.setViewportSize({ width, height: 720 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(overflow <= 0, `nothing sticks out at ${width} px, ${overflow} px do`);
    }
    await picture("plan-narrow");
    await page.setViewportSize({ width: 1600, height: 1000 });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForTimeout(500);
    await picture("plan-dark");
  }, DISPATCHER));

test("who may not assign plans nothing", () =>
  withDesk(async ({ page }) => {
    await page.waitForSelector(id("attendance-page"), { timeout: 60_000 });
    assert.equal(await page.locator(id("nav-plan")).count(), 0, "a supervisor has no such page");
    await page.keyboard.press("p");
    assert.equal(await page.locator(id("plan-page")).count(), 0, "nor a key to it");
  }, { backendArgs: ["--demo", "--sign-in", "supervisor"] }));
