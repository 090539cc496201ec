// Keyboard, theme, narrow windows, names for screen readers.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, withDesk } from "./harness.mjs";
import { deskIsThere, id, textBecomes } from "./page.mjs";

const DISPATCHER = { backendArgs: ["--demo", "--sign-in", "dispatcher"] };
const focused = (page) => page.evaluate(() => document.activeElement?.dataset.testid);

test("the keyboard reaches everything", () =>
  withDesk(async ({ page }) => {
    await deskIsThere(page);
    // The map takes the focus once, when it starts; its own invisible field tells that it has.
    await page.waitForSelector(".map-canvas input, .map-canvas textarea", { state: "attached" });
    await page.waitForTimeout(500);
    await page.keyboard.press("/");
    assert.equal(await focused(page), "search", "/ goes to the search");
    await page.keyboard.press("ArrowDown");
    assert.equal(await focused(page), "resources", "down goes to the list");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    const active = await page.getAttribute(id("resources"), "aria-activedescendant");
    assert.ok(active, "the active row is announced");
    await page.keyboard.press("Enter");
    await page.waitForSelector(id("resource-details"));
    await page.keyboard.press("Escape");
    await page.waitForSelector(id("resource-details"), { state: "detached" });

    await page.keyboard.press("n");
    await page.waitForSelector(id("task-form"));
    assert.equal(await focused(page), "task-title", "the form starts at its first field");
    await page.keyboard.type("n?/");
    assert.equal(await page.inputValue(id("task-title")), "n?/", "shortcuts don't fire while typing");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(id("task-form")).count(), 1, "the first Escape leaves the field only");
    await page.keyboard.press("Escape");
    await page.waitForSelector(id("task-form"), { state: "detached" });

    await page.keyboard.press("?");
    await page.waitForSelector(id("shortcuts-dialog"));
    await page.keyboard.press("Escape");
    await page.waitForSelector(id("shortcuts-dialog"), { state: "detached" });

    await page.keyboard.press("c");
    await page.waitForSelector(id("changes-page"));
    await page.keyboard.press("Escape");
    await page.waitForSelector(id("changes-page"), { state: "detached" });

    await page.keyboard.press("l");
    await eventually("the alerts' tab", async () => (await page.getAttribute(id("tab-alerts"), "aria-selected")) === "true");
    await page.focus(id("tab-alerts"));
    await page.keyboard.press("Home");
    assert.equal(await focused(page), "tab-tasks", "arrows, Home and End move between tabs");
  }, DISPATCHER));

test("dark and light are chosen, kept, and follow the system when nothing is chosen", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    await page.emulateMedia({ colorScheme: "dark" });
    await eventually("the system's dark", async () => (await theme()) === "dark");
    await page.click(id("theme"));
    await eventually("light by choice", async () => (await theme()) === "light");
    await page.click(id("theme"));
    await eventually("dark by choice", async () => (await theme()) === "dark");
    await page.emulateMedia({ colorScheme: "light" });
    assert.equal(await theme(), "dark", "a choice beats the system");
    await page.waitForTimeout(1_000);
    await picture("dark");
    await page.reload();
    await deskIsThere(page);
    await eventually("the choice is kept", async () => (await theme()) === "dark");
  }, DISPATCHER));

test("a narrow window keeps everything in reach", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.locator(id("tasks-row")).first().click();
    await page.waitForSelector(id("task-details"));
    for (const width of [1280, 1024, 900]) {
      await page.setViewportSize({ width, height: 720 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(overflow <= 0, `nothing sticks out at ${width} px, ${overflow} px do`);
      const signOut = await page.locator(id("sign-out")).boundingBox();
      assert.ok(signOut.x + signOut.width <= width, `the header fits ${width} px`);
    }
    await picture("narrow");
  }, DISPATCHER));

test("every control has a name", () =>
  withDesk(async ({ page }) => {
    await deskIsThere(page);
    await page.locator(id("tasks-row")).first().click();
    await textBecomes(page, "details-title", /#/);
    const nameless = await page.evaluate(() => {
      const named = (element) =>
        (element.innerText || element.getAttribute("aria-label") || element.getAttribute("title") || "").trim() ||
        element.closest("label")?.innerText.trim();
      const controls = [...document.querySelectorAll("button, select, input, [role=listbox]")];
      // eframe's own invisible field beside the canvas.
      return controls.filter((element) => !element.closest(".map-canvas") && !named(element)).map((element) => element.outerHTML);
    });
    assert.deepEqual(nameless, [], "controls without a name");
  }, DISPATCHER));
