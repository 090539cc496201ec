// How promises were kept, what became of suggestions, and where travel times come from.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, freePort, withDesk } from "./harness.mjs";
import { deskIsThere, id, number, textBecomes } from "./page.mjs";

const DISPATCHER = { backendArgs: ["--demo", "--sign-in", "dispatcher"] };

/** Asks the backend as the page does; fails when it answers with an error. */
async function ask(page, request, args) {
  const answer = await page.evaluate(async (body) => {
    const response = await fetch("/api/request", { method: "POST", headers: { "content-type": "application/json" }, body });
    return response.json();
  }, JSON.stringify(args === undefined ? { request } : { request, args }));
  assert.ok(answer.ok !== undefined, `${request} is answered: ${JSON.stringify(answer)}`);
  return answer.ok;
}

/** Ids of the first rows of a list. */
const ids = (page, list) => page.$$eval(id(`${list}-row`), (rows) => rows.map((row) => row.dataset.id));

/** A UUIDv7 of now. */
function newId() {
  const time = Date.now().toString(16).padStart(12, "0");
  const random = crypto.randomUUID().slice(15);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random}`;
}

test("what a customer was told is counted, listed, copied, and leads to its task", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.click(id("tasks-unassigned"));
    await eventually("something nobody has", async () => (await page.locator(id("tasks-row")).count()) > 1);
    const [task, other] = await ids(page, "tasks");
    const until = new Date(Date.now() + 3 * 3_600_000).toISOString();
    for (const [which, channel] of [[task, "phone"], [other, "other"]]) {
      const promise = { id: newId(), channel, from: null, until, expected: null };
      await ask(page, "make_promise", { task: which, promise, text: null });
    }

    await page.click(id("nav-figures"));
    await page.click(id("tab-promises"));
    await page.click(id("days-7"));
    await eventually("both are counted", async () => (await number(page, id("promises-told"))) >= 2, 60_000);
    assert.ok((await number(page, id("promises-open"))) >= 2, "nobody came yet");
    await page.waitForSelector(`${id("promise-line")}[data-state="open"]`);
    assert.match(await page.innerText(id("promise-lines")), /by phone/, "how the customer was told is said");
    assert.match(await page.innerText(id("promises-by-hour")), /\d\d:00/, "hours are named");
    await picture("promises");

    await page.click(id("copy-promises"));
    await textBecomes(page, "toast", /clipboard/);
    const csv = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(csv.split("\n")[0], /^Task,Told,Promised,State/, "the first line names the columns");
    assert.ok(csv.split("\n").length > 2, "then one line each");

    await page.locator(`${id("promise-line")}[data-state="open"] ${id("promise-task")}`).first().click();
    await page.waitForSelector(id("task-details"));
  }, DISPATCHER));

test("what became of suggestions is reported with reasons and notes", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.click(id("tasks-unassigned"));
    await eventually("something nobody has", async () => (await page.locator(id("tasks-row")).count()) > 1);
    const [task, other] = await ids(page, "tasks");
    const [first, second] = await ids(page, "resources");
    const choice = { chosen: second, rank: 2, of: 9, first, later_secs: 420, reason: "training", note: "With Ana as a guide" };
    await ask(page, "assign_task", { task, resource: second, choice });
    const followed = { chosen: first, rank: 1, of: 9, first, later_secs: 0, reason: null, note: "" };
    await ask(page, "assign_task", { task: other, resource: first, choice: followed });

    await page.click(id("nav-figures"));
    await page.click(id("tab-choices"));
    await eventually("both choices are counted", async () => (await page.locator(id("choices-made")).count()) > 0 && (await number(page, id("choices-made"))) >= 2, 60_000);
    await textBecomes(page, "choice-reason", /Is to learn it/);
    await textBecomes(page, "choice-line", /Is to learn it[\s\S]*With Ana as a guide/, 60_000);
    assert.ok((await page.locator(id("choice-person")).count()) >= 2, "who was passed over, and who was chosen");
    await picture("choices");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 1024, height: 720 });
    await page.waitForTimeout(300);
    await picture("choices-dark-narrow");
  }, DISPATCHER));

test("another server for travel times is tried before it is used", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.click(id("travel"));
    await page.waitForSelector(id("travel-dialog"));
    await textBecomes(page, "travel-region", /Installed region/);
    await textBecomes(page, "travel-state", /roads on this computer/);
    assert.equal(await page.locator(id("travel-privacy")).count(), 0, "our own roads tell nobody anything");

    await page.check(id("engine-osrm"));
    await textBecomes(page, "travel-privacy", /sent to this server/);
    assert.ok(await page.locator(id("travel-test")).isDisabled(), "without an address there is nothing to try");
    await page.fill(id("travel-url"), `http://127.0.0.1:${await freePort()}`);
    await page.click(id("travel-test"));
    await textBecomes(page, "travel-tested", /Nothing answers at this address/);
    await picture("travel");

    await page.fill(id("travel-url"), "ftp://osrm.example.com");
    assert.equal(await page.locator(id("travel-tested")).count(), 0, "a result belongs to the address that was tried");
    await page.click(id("travel-test"));
    await textBecomes(page, "travel-tested", /must begin with https/);

    await page.check(id("engine-roads"));
    assert.ok(await page.locator(id("travel-save")).isDisabled(), "as before: there is nothing to change");
    const learning = page.locator(id("speeds-learning"));
    const was = await learning.isChecked();
    await learning.click();
    await eventually("it is kept", async () => (await learning.isEnabled()) && (await learning.isChecked()) !== was);
    await page.click(id("travel-close"));
    await page.click(id("travel"));
    await page.waitForSelector(id("speeds-learning"));
    assert.equal(await page.locator(id("speeds-learning")).isChecked(), !was, "and still so when it is looked at again");
  }, DISPATCHER));
