// Who should go, and what the customer is told: reasons, the first one at once, any other with a why, ways side by side, promises.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, startServer, withDesk, withStage } from "./harness.mjs";
import { assignToBest, createTask, deskIsThere, id, notEmpty, signIn, textBecomes } from "./page.mjs";

const DISPATCHER = { backendArgs: ["--demo", "--sign-in", "dispatcher"] };

/** Runs `story` at a server where nobody begins a task before the story has looked at it. */
const withQuietDesk = (story) =>
  withStage(async (stage) => {
    const server = await stage.keep(startServer());
    const desk = await stage.openPage((await stage.startBackend([])).url);
    await signIn(desk.page, server.url);
    await deskIsThere(desk.page);
    await story(desk);
  });

const suited = (page) => page.locator(`${id("candidate")}:not(.unsuited)`);
const focusedRow = (page) => page.evaluate(() => document.activeElement?.dataset.rank);

test("suggestions are ranked and say what speaks for and against each", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await createTask(page, "Shutter jammed");
    await page.click(id("assign"));
    await suited(page).first().waitFor();
    const ranks = await suited(page).evaluateAll((rows) => rows.map((row) => Number(row.dataset.rank)));
    assert.deepEqual(ranks, ranks.map((_, index) => index + 1), "best first, numbered from 1");
    const first = suited(page).first();
    assert.match(await first.locator(id("arrival")).innerText(), /^~?(\d{1,2} \w{3} )?\d{2}:\d{2}$/, "when the first one would be there");
    assert.match(await first.locator(id("arrival")).getAttribute("title"), /nine times in ten/, "and how sure that is");
    notEmpty(await first.locator(`${id("whys")} [data-tone="good"]`).allInnerTexts(), "what speaks for the first one");
    await textBecomes(page, "suggestions-as-of", /As of \d{2}:\d{2}/);

    await page.click(id("candidate-on-duty"));
    await page.waitForSelector(id("not-suited"));
    await page.click(id("not-suited"));
    const below = page.locator(`${id("candidate")}.unsuited`);
    await below.first().waitFor();
    notEmpty(await below.first().locator(`${id("whys")} [data-tone="bad"]`).allInnerTexts(), "why somebody is not suited");
    assert.equal(await below.first().locator(id("arrival")).innerText(), "", "whoever is off duty has no arrival");
    await picture("suggestions");

    const name = (await first.locator(".line-1").innerText()).trim();
    await page.fill(id("candidate-search"), name);
    await eventually("the name that was searched for", async () => {
      const names = await page.locator(`${id("candidate")} .line-1`).allInnerTexts();
      return names.length > 0 && names.every((one) => one.includes(name));
    });
    await page.fill(id("candidate-search"), "nobody is called that");
    await textBecomes(page, "candidates", /Nobody matches/);
  }, DISPATCHER));

test("the first one is assigned at once, and what they were chosen from is kept", () =>
  withQuietDesk(async ({ page }) => {
    await createTask(page, "Gate does not close");
    await assignToBest(page);
    assert.equal(await page.locator(id("override")).count(), 0, "nobody is asked why the first one");
    await textBecomes(page, "choice", /The first of \d+ suggestions/);
    await page.locator(id("undo")).first().click();
    await textBecomes(page, "assignee", /Unassigned/);
  }));

test("somebody else is chosen from the keyboard, with a reason that is recorded", () =>
  withQuietDesk(async ({ page, picture }) => {
    await createTask(page, "Alarm sounds without a cause");
    await page.click(id("assign"));
    await page.locator(id("candidate")).nth(2).waitFor();
    await page.focus(id("candidate-search"));
    await page.keyboard.press("ArrowDown");
    assert.equal(await focusedRow(page), "1", "down from the search goes to the first one");
    await page.keyboard.press("ArrowDown");
    assert.equal(await focusedRow(page), "2", "the arrows move");
    await page.keyboard.press("3");
    assert.equal(await focusedRow(page), "3", "a digit goes to that place");
    const name = (await page.locator(`${id("candidate")}[data-rank="3"] .line-1`).innerText()).trim();

    await page.keyboard.press("Enter");
    await page.waitForSelector(id("override"));
    await page.keyboard.press("Escape");
    await page.waitForSelector(id("override"), { state: "detached" });
    assert.equal(await focusedRow(page), "3", "Escape decides nothing and gives the row back");
    await textBecomes(page, "assignee", /Unassigned/);

    await page.keyboard.press("Enter");
    await page.waitForSelector(id("override"));
    assert.ok(await page.locator(id("override-assign")).isDisabled(), "without a reason there is “Skip”");
    await page.locator(`${id("override-reason")}[value="KnowsTheSite"]`).check();
    await page.fill(id("override-note"), "Built the thing");
    await picture("override");
    await page.keyboard.press("Enter");
    await textBecomes(page, "assignee", new RegExp(name));
    await textBecomes(page, "choice", /Number 3 of \d+ suggestions; .* was first · Knows the place or the equipment · Built the thing/);
  }));

test("nobody has to say why", () =>
  withQuietDesk(async ({ page }) => {
    await createTask(page, "Light flickers");
    await page.click(id("assign"));
    await page.locator(id("candidate")).nth(1).locator(id("assign-candidate")).click();
    await page.click(id("override-skip"));
    await textBecomes(page, "choice", /Number 2 of .* no reason given/);
  }));

test("ways are compared on the map", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await createTask(page, "Pump runs dry");
    await page.click(id("assign"));
    await suited(page).first().waitFor();
    await page.click(id("compare-ways"));
    await eventually("the letters", async () => {
      const letters = await page.locator(id("way-letter")).allInnerTexts();
      return letters.length > 1 && letters.join("") === "ABC".slice(0, letters.length);
    });
    await suited(page).nth(1).hover();
    await page.waitForTimeout(1_500);
    await picture("compare");
    await page.click(id("compare-ways"));
    await page.waitForSelector(id("way-letter"), { state: "detached" });
  }, DISPATCHER));

test("a promise is told, shown, told anew, and withdrawn", () =>
  withQuietDesk(async ({ page, picture }) => {
    await createTask(page, "No hot water");
    await assignToBest(page);
    await textBecomes(page, "promise", /told nothing yet/);
    await page.click(id("tell-customer"));
    const times = await Promise.all(["promise-from", "promise-until"].map((name) => page.inputValue(id(name))));
    for (const time of times) {
      assert.equal(Number(time.slice(-2)) % 5, 0, `customers hear round times, not ${time}`);
    }
    assert.ok(times[0] < times[1], "a window, not a moment");
    await page.click(id("promise-save"));
    await textBecomes(page, "promise-open", new RegExp(`${times[0].slice(-5)}[\\s\\S]*${times[1].slice(-5)}[\\s\\S]*by phone`));
    await picture("promise");

    await page.click(id("tell-customer"));
    await page.locator(`${id("promise-channel")}[value="Message"]`).check();
    assert.match(await page.inputValue(id("promise-text")), /we will be with you/, "the message is written already");
    await page.fill(id("promise-text"), "");
    await page.click(id("promise-save"));
    await textBecomes(page, "promise-error", /text of 1 to 500/);
    await page.click(id("rewrite-message"));
    await page.click(id("copy-message"));
    const copied = await eventually("the message on the clipboard", () => page.evaluate(() => navigator.clipboard.readText()));
    assert.match(copied, /we will be with you/, "it can be pasted elsewhere, too");
    await page.click(id("promise-save"));
    await textBecomes(page, "promise-open", /by message/);
    await textBecomes(page, "promise-past", /replaced/);

    await page.click(id("withdraw-promise"));
    await page.click(id("confirm-withdraw"));
    await textBecomes(page, "promise", /told nothing yet/);
    await eventually("both in the history", async () => (await page.locator(id("promise-past")).count()) === 2);
  }));

test("nobody is asked to bid for what they cannot do", () =>
  withDesk(async ({ page }) => {
    await deskIsThere(page);
    await createTask(page, "Facade to be cleaned");
    await page.click(id("open-bid"));
    await page.waitForSelector(id("invitee"));
    await page.locator(`${id("bid-form")} .check input`).first().uncheck();
    await page.waitForSelector(`${id("invitee")}.unsuited`);
    const asked = await page.locator(`${id("invitee")}.unsuited input`).evaluateAll((boxes) => boxes.filter((box) => box.checked).length);
    assert.equal(asked, 0, "who is not suited is left out");
    await page.selectOption(id("bid-best"), "3");
    await textBecomes(page, "send-bid", /Invite 3 resources/);
  }, DISPATCHER));
