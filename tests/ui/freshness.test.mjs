// How fresh the data is, is never in doubt: its age, why it does not grow younger, and what to send to whoever helps.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, startServer, withDesk, withStage } from "./harness.mjs";
import { startLine } from "./line.mjs";
import { createTask, deskIsThere, id, rowCount, signIn, textBecomes } from "./page.mjs";

const DISPATCHER = { backendArgs: ["--demo", "--sign-in", "dispatcher"] };
const freshness = (page) => page.getAttribute(id("freshness"), "data-freshness");

test("the age grows, the dialog says why, and diagnostics go to the clipboard without names", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await eventually("fresh", async () => (await freshness(page)) === "fresh", 60_000);
    await textBecomes(page, "freshness", /updated \d+ s ago/);
    const person = (await page.locator(`${id("resources-row")} .line-1`).first().innerText()).trim();

    await page.click(id("freshness"));
    await textBecomes(page, "connection-why", /Live/);
    await page.click(id("copy-diagnostics"));
    await textBecomes(page, "toast", /on the clipboard/);
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, await page.inputValue(id("diagnostics")), "what is shown is what is copied");
    assert.match(copied, /\d+\.\d+/, "a version at least");
    assert.ok(!copied.includes(person), "no names");
    await picture("connection");
    await page.keyboard.press("Escape");

    await page.click(id("demo-server"));
    await eventually("cut off", async () => (await freshness(page)) === "cut", 60_000);
    await page.click(id("freshness"));
    await textBecomes(page, "connection-why", /Offline[\s\S]*cached/);
    const age = async () => Number((await page.innerText(id("proof"))).match(/\((\d+) s ago\)/)?.[1] ?? 60);
    const before = await age();
    await eventually("the age grows", async () => (await age()) > before);
    await picture("connection-offline");
    await page.keyboard.press("Escape");

    await page.click(id("demo-server"));
    await page.click(id("freshness"));
    await page.click(id("try-now"));
    await textBecomes(page, "connection-why", /Live/, 60_000);
    await page.keyboard.press("Escape");
    await eventually("fresh again", async () => (await freshness(page)) === "fresh", 60_000);
  }, DISPATCHER));

test("when the server wants the password again, work goes on after it, and nothing typed is lost", () =>
  withStage(async (stage) => {
    const server = await stage.keep(startServer());
    const line = await stage.keep(startLine(server.url));
    const backend = await stage.startBackend([]);
    const { page, errors, picture } = await stage.openPage(backend.url);
    await signIn(page, line.url);
    await deskIsThere(page);
    const rows = await rowCount(page, "resources");

    line.refuses = (asked) => (asked.url === "/v1/sign-in" ? null : { status: 401, code: "not_signed_in" });
    line.hangUp();
    await page.waitForSelector(id("sign-in-again"), { timeout: 60_000 });
    assert.equal(await freshness(page), "cut", "nothing comes any more");
    assert.equal(await rowCount(page, "resources"), rows, "everything stays on the screen");
    await page.click(id("new-task"));
    await page.fill(id("task-title"), "Half a thought");

    await page.click(`${id("sign-in-again")} button`);
    await page.waitForSelector(id("sign-in-again-dialog"));
    assert.equal(await page.evaluate(() => document.activeElement?.dataset.testid), "again-password", "only the password is missing");
    await page.fill(id("again-password"), "wrong");
    await page.click(id("again"));
    await textBecomes(page, "sign-in-again-dialog", /password is wrong/);
    await picture("sign-in-again");

    line.refuses = null;
    await page.fill(id("again-password"), "demo");
    await page.click(id("again"));
    await page.waitForSelector(id("sign-in-again-dialog"), { state: "detached", timeout: 60_000 });
    await page.waitForSelector(id("sign-in-again"), { state: "detached", timeout: 60_000 });
    assert.equal(await page.inputValue(id("task-title")), "Half a thought", "what was being typed is still there");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await createTask(page, "After signing in again");
    await eventually("it is sent", async () => (await page.locator(id("pending-count")).count()) === 0, 60_000);
    assert.deepEqual(errors, [], "the page reports nothing");
  }));

test("everybody sees how long data is kept here, and what goes next", () =>
  withDesk(async ({ page, picture }) => {
    await page.waitForSelector(id("figure-closed"), { timeout: 60_000 });
    await page.click(id("data"));
    await page.waitForSelector(id("retention-row"));
    const kinds = await page.locator(id("retention-row")).evaluateAll((rows) => rows.map((row) => row.dataset.id));
    assert.deepEqual([...kinds].sort(), ["alerts", "attendance", "positions", "submissions", "tasks"], "every type of data");
    const rows = page.locator(id("retention-row"));
    for (let index = 0; index < kinds.length; index += 1) {
      assert.match(await rows.nth(index).innerText(), /\d+ days?/, `${kinds[index]} has a limit`);
    }
    const going = async () => {
      const cells = await page.locator(`${id("retention-row")} td:last-child`).allInnerTexts();
      return cells.reduce((sum, cell) => sum + Number(cell), 0);
    };
    const soon = await going();
    const far = new Date(Date.now() + 400 * 24 * 3_600_000).toISOString().slice(0, 10);
    await page.fill(id("retention-until"), far);
    await eventually("in a year more goes", async () => (await going()) > soon);
    await picture("retention");
    await page.keyboard.press("Escape");
    await page.waitForSelector(id("retention-dialog"), { state: "detached" });
  }, { backendArgs: ["--demo", "--sign-in", "manager"] }));
