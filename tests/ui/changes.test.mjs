// Two desks, one task: what was done here is never lost and never a silent winner; the dispatcher decides.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { eventually, startServer, withDesk, withStage } from "./harness.mjs";
import { startLine } from "./line.mjs";
import { createTask, deskIsThere, id, rowCount, signIn, textBecomes } from "./page.mjs";

/** Two desks at one server; the first one's line is in the story's hands. */
const withTwoDesks = (story) =>
  withStage(async (stage) => {
    const server = await stage.keep(startServer());
    const line = await stage.keep(startLine(server.url));
    const backends = [await stage.startBackend([]), await stage.startBackend([])];
    const [mine, theirs] = [await stage.openPage(backends[0].url), await stage.openPage(backends[1].url)];
    await signIn(mine.page, line.url);
    await signIn(theirs.page, server.url);
    await deskIsThere(mine.page);
    await deskIsThere(theirs.page);
    await story({ mine, theirs, line });
  });

async function openTask(page, title) {
  await page.click(id("tab-tasks"));
  await page.click(id("tasks-all"));
  await page.fill(id("tasks-search"), title);
  await eventually(`the task “${title}”`, async () => (await rowCount(page, "tasks")) === 1);
  await page.locator(id("tasks-row")).first().click();
  await textBecomes(page, "details-title", new RegExp(title));
}

async function edit(page, title, fields) {
  await openTask(page, title);
  await page.click(id("edit-task"));
  for (const [name, value] of Object.entries(fields)) {
    await page.fill(id(name), value);
  }
  await page.click(id("save-task"));
  await page.waitForSelector(id("task-form"), { state: "detached" });
}

async function goOffline(page, line) {
  await line.cut();
  await page.waitForSelector(id("offline-banner"), { timeout: 60_000 });
}

async function goOnline(page, line) {
  await line.mend();
  // The desk tries by itself, too: whoever comes first, the button goes away.
  await page.click(id("reconnect"), { timeout: 1_000 }).catch(() => {});
  await page.waitForSelector(id("offline-banner"), { state: "detached", timeout: 60_000 });
}

/** Read at once: the pill goes away with the last change. */
const attention = (page) =>
  page.evaluate((pill) => Number(document.querySelector(pill)?.dataset.attention ?? 0), id("pending-count"));

const attentionIs = (page, n) => eventually(`${n} that need a decision`, async () => (await attention(page)) === n, 60_000);

/** In a small window and in the dark: nothing sticks out, and both values are still there. */
async function looksRightInTheDark({ page, picture }) {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 1100, height: 700 });
  await eventually("the system's dark", () => page.evaluate(() => document.documentElement.dataset.theme === "dark"));
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `nothing sticks out, ${overflow} px do`);
  assert.ok(await page.locator(id("decision")).isVisible(), "the decision is in reach");
  await picture("review-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1600, height: 1000 });
}

const clash = (page) => page.locator(`${id("compare-row")}[data-changed="clash"]`);

test("two desks edit the same tasks; the one that comes second keeps mine, takes theirs, and edits", () =>
  withTwoDesks(async ({ mine, theirs, line }) => {
    const [here, there] = [mine.page, theirs.page];
    const titles = ["Alpha boiler", "Bravo boiler", "Charlie boiler"];
    for (const title of titles) {
      await createTask(there, title);
    }
    await openTask(here, titles[2]);

    await goOffline(here, line);
    for (const title of titles) {
      await edit(there, title, { "task-customer": `${title} theirs` });
      await edit(here, title, { "task-customer": `${title} mine`, "task-description": "Ring twice" });
    }
    await openTask(here, titles[0]);
    assert.equal(await here.getAttribute(`${id("task-details")} ${id("unsent")}`, "data-unsent"), "waiting", "what waits is marked");
    await goOnline(here, line);
    await attentionIs(here, 3);

    // The marked row leads to the review.
    await here.locator(`${id("tasks-row")} ${id("unsent")}[data-unsent="decide"]`).first().click();
    await textBecomes(here, "review-title", /Alpha boiler/);
    await clash(here).waitFor();
    assert.match(await clash(here).innerText(), /Customer[\s\S]*Alpha boiler mine[\s\S]*Alpha boiler theirs/, "both values in full");
    const mineOnly = here.locator(`${id("compare-row")}[data-changed="mine"]`);
    assert.match(await mineOnly.innerText(), /Description[\s\S]*Ring twice/, "what only this desk changed is marked, too");
    await mine.picture("review");
    await looksRightInTheDark(mine);

    // Keep mine; the next one is up at once.
    await here.click(id("retry"));
    await textBecomes(here, "review-title", /Bravo boiler/);
    await attentionIs(here, 2);

    // Take theirs, after a question.
    await here.click(id("discard"));
    await here.waitForSelector(id("discard-dialog"));
    await here.keyboard.press("Escape");
    await here.waitForSelector(id("discard-dialog"), { state: "detached" });
    await attentionIs(here, 2);
    await here.click(id("discard"));
    await here.click(id("confirm"));
    await textBecomes(here, "review-title", /Charlie boiler/);

    // Edit: mine over theirs in the form, changed once more.
    await here.click(id("revise"));
    await textBecomes(here, "revise-lead", /Customer/);
    assert.equal(await here.inputValue(id("task-customer")), "Charlie boiler mine", "mine over theirs");
    await here.fill(id("task-customer"), "Charlie boiler agreed");
    await mine.picture("revise");
    await here.click(id("save-task"));
    await attentionIs(here, 0);

    await eventually("everything is sent", async () => (await here.locator(id("pending-count")).count()) === 0, 60_000);
    const outcome = { [titles[0]]: "mine", [titles[1]]: "theirs", [titles[2]]: "agreed" };
    for (const [page, whose] of [[here, "this desk"], [there, "the other desk"]]) {
      await page.click(id("nav-desk"));
      for (const [title, word] of Object.entries(outcome)) {
        await openTask(page, title);
        await textBecomes(page, "task-details", new RegExp(`${title} ${word}`)).catch((problem) => {
          throw new Error(`${whose}: ${problem.message}`);
        });
      }
    }
  }));

test("a change is refused, is looked through with the keyboard, and given up", () =>
  withTwoDesks(async ({ mine, theirs, line }) => {
    const [here, there] = [mine.page, theirs.page];
    await createTask(there, "Delta boiler");
    await openTask(here, "Delta boiler");
    await goOffline(here, line);
    await here.selectOption(id("set-status"), "Draft");
    await there.selectOption(id("set-status"), "Canceled");
    await there.fill(id("reason"), "Called off");
    await there.click(id("confirm"));
    await textBecomes(there, "task-standing", /Canceled/);
    await goOnline(here, line);
    await attentionIs(here, 1);

    await here.keyboard.press("c");
    await here.waitForSelector(id("changes-page"));
    await textBecomes(here, "review-state", /Refused|Somebody else/);
    await textBecomes(here, "review", /Canceled/);
    await eventually("the list has the focus", () => here.evaluate(() => document.activeElement?.dataset.testid === "changes"));
    await here.keyboard.press("Enter");
    await eventually("Enter goes to the decision", () => here.evaluate(() => document.activeElement?.closest("[data-testid=decision]") !== null));
    await here.keyboard.press("Escape");
    await eventually("Escape goes back to the list", () => here.evaluate(() => document.activeElement?.dataset.testid === "changes"));
    await mine.picture("refused");

    await here.click(id("discard"));
    await here.click(id("confirm"));
    await attentionIs(here, 0);
    await textBecomes(here, "changes", /Nothing is waiting/);
    await here.keyboard.press("Escape");
    await here.waitForSelector(id("changes-page"), { state: "detached" });
    await textBecomes(here, "task-standing", /Canceled/);
  }));

/** Runs `story(folder)` with a folder of its own. */
async function withFolder(story) {
  const folder = mkdtempSync(join(tmpdir(), "officetrack-exports-"));
  try {
    await story(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("what waits is listed, marked on its rows, and written to a file", () =>
  withFolder((exports) => withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await createTask(page, "Echo boiler");
    await page.click(id("demo-server"));
    await page.waitForSelector(id("offline-banner"), { timeout: 60_000 });
    await page.fill(id("note"), "The key is at the reception");
    await page.click(id("add-note"));
    await textBecomes(page, "notes", /The key is at the reception/);
    await page.waitForSelector(`${id("task-details")} ${id("unsent")}[data-unsent="waiting"]`);

    await page.click(id("pending-count"));
    await page.waitForSelector(`${id("heap-onitsway")} ${id("queued")}`);
    await textBecomes(page, "queued", /Note on .*Echo boiler/);
    await textBecomes(page, "changes-offline", /Offline/);
    assert.equal(await page.locator(id("discard")).count(), 0, "what only waits needs no decision");
    await page.click(id("export-queue"));
    await page.waitForSelector(id("export-path"));
    const path = (await page.innerText(id("export-path"))).match(/Written to (.+)/)[1].trim();
    assert.ok(path.startsWith(exports), `${path} is told as it is`);
    assert.match(readFileSync(path, "utf8"), /The key is at the reception/, "with what was typed");
    await picture("changes-waiting");

    await page.click(id("demo-server"));
    await textBecomes(page, "changes", /Nothing is waiting/, 60_000);
    assert.equal(await page.locator(id("pending-count")).count(), 0, "nothing waits any more");
  }, { backendArgs: ["--demo", "--sign-in", "dispatcher", "--exports", exports] })));
