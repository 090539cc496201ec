// The dispatcher's day: find people, create a task, assign it, take it back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, startServer, withDesk, withStage } from "./harness.mjs";
import { assignToBest, createTask, deskIsThere, id, notEmpty, number, rowCount, signIn, textBecomes } from "./page.mjs";

const DISPATCHER = { backendArgs: ["--demo", "--sign-in", "dispatcher"] };

test("resources are found by name, group and state", () =>
  withDesk(async ({ page }) => {
    await deskIsThere(page);
    const all = await rowCount(page, "resources");
    assert.ok(all >= 60, `the demo company has its people, saw ${all}`);

    const name = (await page.locator(`${id("resources-row")} .line-1`).first().innerText()).trim();
    await page.fill(id("search"), name);
    await eventually("one match", async () => (await rowCount(page, "resources")) === 1);
    await page.fill(id("search"), "nobody is called that");
    await page.waitForSelector(`${id("resources")} ${id("empty")}`);
    await page.fill(id("search"), "");

    await page.selectOption(id("filter-group"), { index: 1 });
    await eventually("one group only", async () => {
      const some = await rowCount(page, "resources");
      return some > 0 && some < all;
    });
    await page.selectOption(id("filter-group"), { index: 0 });

    const working = await number(page, id("chip-working"));
    await page.click(id("chip-working"));
    await eventually("as many as the chip says", async () => {
      const shown = await rowCount(page, "resources");
      return shown === (await number(page, id("chip-working"))) && shown < all;
    });
    assert.ok(Number.isInteger(working), "a chip has its count");
  }, DISPATCHER));

test("a long list draws only what is on the screen", () =>
  withDesk(async ({ page }) => {
    await deskIsThere(page);
    await page.click(id("tasks-all"));
    await eventually("all tasks are listed", async () => (await rowCount(page, "tasks")) > 100);
    const drawn = await page.locator(id("tasks-row")).count();
    assert.ok(drawn < 60, `${drawn} of ${await rowCount(page, "tasks")} rows are drawn`);
    await page.evaluate((list) => document.querySelector(list).scrollTo(0, 1e6), id("tasks"));
    await eventually("the last rows", async () => {
      const bottom = await page.evaluate((list) => {
        const rows = [...document.querySelectorAll(`${list} .vrow`)].map((row) => row.getBoundingClientRect().bottom);
        return Math.max(...rows) - document.querySelector(list).getBoundingClientRect().bottom;
      }, id("tasks"));
      return Math.abs(bottom) < 20;
    });
  }, DISPATCHER));

// At a server without phones: in the demo somebody may have begun before it is taken back.
test("a task is created, assigned, and the assignment is taken back", () =>
  withStage(async (stage) => {
    const server = await stage.keep(startServer());
    const { page, picture } = await stage.openPage((await stage.startBackend([])).url);
    await signIn(page, server.url);
    await deskIsThere(page);
    await createTask(page, "Lift stuck between two floors");
    await textBecomes(page, "assignee", /Unassigned/);

    const who = await assignToBest(page);
    const toast = await page.locator(id("toast")).filter({ hasText: who }).innerText();
    assert.match(toast, /assigned to/, "it is said who got it");
    await picture("assigned");

    await page.locator(id("undo")).first().click();
    // What is said in passing goes first: it does not stay.
    await textBecomes(page, "toast", /Undone/);
    await textBecomes(page, "assignee", /Unassigned/);
  }));

test("a form that is not filled says what is missing; a place can be picked on the map", () =>
  withDesk(async ({ page }) => {
    await deskIsThere(page);
    await page.click(id("new-task"));
    await page.click(id("save-task"));
    await textBecomes(page, "task-error", /Choose a place/);

    await page.click(id("pick-place"));
    const map = await page.locator(id("map")).boundingBox();
    // The map may still be starting: until it is there, a click on it does nothing.
    await eventually("the picked place", async () => {
      await page.mouse.click(map.x + map.width / 2, map.y + map.height / 2);
      return /\d+\.\d{5}, \d+\.\d{5}/.test(await page.innerText(id("task-place")));
    });

    await page.click(id("save-task"));
    await textBecomes(page, "task-error", /title/);
    await page.fill(id("task-title"), "Picked on the map");
    await page.fill(id("task-minutes"), "0");
    await page.click(id("save-task"));
    await textBecomes(page, "task-error", /between 1 and 1,440/);
    await page.fill(id("task-minutes"), "45");
    await page.click(id("save-task"));
    await textBecomes(page, "details-title", /Picked on the map/);
  }, DISPATCHER));

test("notes are written and a task is canceled with a reason", () =>
  withDesk(async ({ page }) => {
    await deskIsThere(page);
    await createTask(page, "Water in the lobby");
    await page.fill(id("note"), "The key is at the reception");
    await page.click(id("add-note"));
    await textBecomes(page, "notes", /The key is at the reception/);

    await page.selectOption(id("set-status"), "Canceled");
    await page.fill(id("reason"), "Called off by the customer");
    await page.click(id("confirm"));
    await textBecomes(page, "task-standing", /Canceled/);
    await textBecomes(page, "timeline", /Called off by the customer/);
  }, DISPATCHER));

test("a resource shows its card, tasks and day; the phone is masked until it is asked for", () =>
  withDesk(async ({ page }) => {
    await deskIsThere(page);
    await page.locator(id("resources-row")).first().click();
    await page.waitForSelector(id("resource-details"));
    const masked = await page.innerText(id("phone"));
    await page.click(id("reveal"));
    await eventually("the whole number", async () => (await page.innerText(id("phone"))) !== masked);
    await page.waitForSelector(id("day-sheet"));
    const buttons = await page.locator(`${id("resource-details")} button`).allInnerTexts();
    notEmpty(buttons.filter((text) => text.trim().length > 0), "what can be done");
  }, DISPATCHER));
