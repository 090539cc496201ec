// How stories speak about the page: by the names in `data-testid`, as listed in `ui/README.md`.

import assert from "node:assert/strict";

import { eventually } from "./harness.mjs";

/** The selector of a named element. */
export const id = (name) => `[data-testid="${name}"]`;

/** The dispatcher's page with its rows, when the backend was started with `--sign-in`. */
export async function deskIsThere(page) {
  await page.waitForSelector(id("resources-row"), { timeout: 60_000 });
  await page.waitForSelector(id("tasks-row"), { timeout: 60_000 });
}

/** The number in the first match of `selector`'s text. */
export async function number(page, selector) {
  const text = await page.locator(selector).first().innerText();
  return Number(text.match(/\d+/)?.[0] ?? Number.NaN);
}

/** How many rows a virtualised list holds, drawn or not. */
export const rowCount = async (page, name) => Number(await page.getAttribute(id(name), "data-count"));

/** Waits until the text of a named element matches. */
export const textBecomes = (page, name, pattern, withinMs) =>
  eventually(
    `${pattern} in ${name}`,
    async () => {
      const texts = await page.locator(id(name)).allInnerTexts();
      return texts.some((text) => pattern.test(text));
    },
    withinMs,
  );

/** Fills the form of a new task, placed by the first POI, and saves it. */
export async function createTask(page, title) {
  await page.click(id("new-task"));
  await page.fill(id("task-title"), title);
  await page.selectOption(id("task-poi"), { index: 1 });
  await page.click(id("save-task"));
  await textBecomes(page, "details-title", new RegExp(title));
}

/** Assigns the open task to the best candidate and returns their name. */
export async function assignToBest(page) {
  await page.click(id("assign"));
  const best = page.locator(id("candidate")).first();
  await best.waitFor();
  const name = (await best.locator(".line-1").innerText()).trim();
  await best.locator(id("assign-candidate")).click();
  await textBecomes(page, "assignee", new RegExp(name));
  return name;
}

/** Fails unless `list` has something in it. */
export function notEmpty(list, what) {
  assert.ok(list.length > 0, `${what}: there is something to look at`);
  return list;
}

/** Signs in on the sign-in page as the demo company's dispatcher. */
export async function signIn(page, server) {
  const fields = { server, company: "Riviera Facilities", user: "dispatcher", password: "demo" };
  for (const [name, value] of Object.entries(fields)) {
    await page.fill(id(name), value);
  }
  await page.click(id("sign-in"));
}
