// Fences: drawn and changed on the map, read from a file, written to one, deleted and taken back, edited without a server.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { eventually, withDesk } from "./harness.mjs";
import { deskIsThere, id, rowCount, textBecomes } from "./page.mjs";

const DISPATCHER = { backendArgs: ["--demo", "--sign-in", "dispatcher"] };

/** A point of the map's canvas by its shares of width and height. */
async function onMap(page, [x, y]) {
  const box = await page.locator(id("map")).boundingBox();
  return [box.x + box.width * x, box.y + box.height * y];
}

async function clickMap(page, ...points) {
  for (const point of points) {
    const at = await onMap(page, point);
    await page.mouse.move(...at);
    await page.mouse.click(...at);
    // Two clicks in one frame would be one.
    await page.waitForTimeout(120);
  }
}

async function dragOnMap(page, from, to) {
  const [start, end] = [await onMap(page, from), await onMap(page, to)];
  await page.mouse.move(...start);
  await page.waitForTimeout(120);
  await page.mouse.down();
  await page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, { steps: 4 });
  await page.mouse.move(...end, { steps: 4 });
  await page.waitForTimeout(120);
  await page.mouse.up();
}

/** The map has the edit: the tool's button says so. */
const toolIs = (page, name) =>
  eventually(`${name} is taken`, async () => (await page.getAttribute(id(name), "aria-pressed")) === "true", 60_000);

const sizes = (page) => page.innerText(id("fence-sizes"));

const sizesBecome = (page, pattern) => textBecomes(page, "fence-sizes", pattern, 30_000);

/** Draws a circle with the mouse and saves it. */
async function drawCircle(page, name) {
  await page.click(id("draw-fence"));
  await toolIs(page, "tool-circle");
  await dragOnMap(page, [0.45, 0.45], [0.55, 0.45]);
  await eventually("a radius", async () => Number(await page.inputValue(id("fence-number"))) > 20);
  await page.fill(id("fence-number"), "150");
  await sizesBecome(page, /border 942 m/);
  await page.fill(id("fence-name"), name);
  await page.click(id("save-fence"));
  await textBecomes(page, "details-title", new RegExp(name));
}

test("a circle is drawn with the mouse, gets its number and its rules by hand, and is saved", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.click(id("draw-fence"));
    await toolIs(page, "tool-circle");
    await page.click(id("save-fence"));
    await textBecomes(page, "fence-shape-problem", /Draw the area/);
    await textBecomes(page, "fence-name-problem", /name/);
    await dragOnMap(page, [0.45, 0.45], [0.55, 0.45]);
    await eventually("a radius", async () => Number(await page.inputValue(id("fence-number"))) > 20);

    await page.fill(id("fence-number"), "12");
    await textBecomes(page, "fence-too-small", /24 m wide/);
    await page.fill(id("fence-number"), "150");
    await sizesBecome(page, /border 942 m/);
    await page.waitForSelector(id("fence-too-small"), { state: "detached" });

    await page.fill(id("fence-name"), "Quay seven");
    await page.check(id("fence-color-teal"));
    await page.check(id("fence-exit"));
    await page.check(id("fence-dwell"));
    await page.fill(id("fence-dwell-minutes"), "0");
    await page.click(id("save-fence"));
    await textBecomes(page, "fence-dwell-minutes-problem", /1,440/);
    await page.fill(id("fence-dwell-minutes"), "20");
    await picture("fence-form");
    await page.click(id("save-fence"));
    await textBecomes(page, "details-title", /Quay seven/);
    await textBecomes(page, "fence-rules", /on entering, on leaving, after 20 min inside/);
    await picture("fence-details");
  }, DISPATCHER));

test("an area is drawn, a corner is moved, taken back and done again; unsaved changes are asked about", () =>
  withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.click(id("draw-fence"));
    await toolIs(page, "tool-circle");
    await page.click(id("tool-area"));
    await toolIs(page, "tool-area");
    await clickMap(page, [0.4, 0.3], [0.6, 0.3], [0.6, 0.6], [0.4, 0.6]);
    await page.keyboard.press("Enter");
    await sizesBecome(page, /4 points/);
    await page.fill(id("fence-name"), "Long quay");

    const drawn = await sizes(page);
    await dragOnMap(page, [0.6, 0.3], [0.68, 0.22]);
    await eventually("it is larger", async () => (await sizes(page)) !== drawn);
    const moved = await sizes(page);
    await page.click(id("fence-undo"));
    await eventually("taken back", async () => (await sizes(page)) === drawn);
    await page.click(id("fence-redo"));
    await eventually("done again", async () => (await sizes(page)) === moved);
    await page.keyboard.press("Control+z");
    await eventually("taken back by the keyboard", async () => (await sizes(page)) === drawn);
    await picture("fence-area");

    await page.click(id("cancel-fence"));
    await page.waitForSelector(id("leave-dialog"));
    await page.keyboard.press("Escape");
    await page.waitForSelector(id("leave-dialog"), { state: "detached" });
    await page.click(id("save-fence"));
    await textBecomes(page, "details-title", /Long quay/);

    // Once more, on what is saved: only what is changed is a change.
    await page.click(id("edit-fence"));
    await sizesBecome(page, /4 points/);
    await page.click(id("cancel-fence"));
    await page.waitForSelector(id("fence-form"), { state: "detached" });
    assert.equal(await page.locator(id("leave-dialog")).count(), 0, "nothing was changed, nothing is asked");
  }, DISPATCHER));

const square = (lon, lat, side) => [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]];

const feature = (name, ring) => ({
  type: "Feature",
  properties: { name },
  geometry: { type: "Polygon", coordinates: [ring] },
});

const MIXED = JSON.stringify({
  type: "FeatureCollection",
  features: [
    feature("Import north", square(7.421, 43.735, 0.002)),
    feature("Import bow tie", [[7.42, 43.73], [7.422, 43.732], [7.422, 43.73], [7.42, 43.732], [7.42, 43.73]]),
    feature("Import south", square(7.416, 43.729, 0.001)),
    { type: "Feature", properties: { name: "Import nothing" }, geometry: null },
  ],
});

/** Runs `story(folder)` with a folder of its own. */
async function withFolder(story) {
  const folder = mkdtempSync(join(tmpdir(), "officetrack-exports-"));
  try {
    await story(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a mixed file is looked at, imported, exported, and taken back; a deleted place comes back", () =>
  withFolder((exports) => withDesk(async ({ page, picture }) => {
    await deskIsThere(page);
    await page.click(id("tab-places"));
    await eventually("the places", async () => (await rowCount(page, "places")) > 0);
    const before = await rowCount(page, "places");
    await page.click(id("import-fences"));
    await page.setInputFiles(id("import-file"), { name: "yards.geojson", mimeType: "application/geo+json", buffer: Buffer.from(MIXED) });
    await textBecomes(page, "import-counts", /GeoJSON · 2 can be imported · 2 cannot/);
    await textBecomes(page, "features", /Import bow tie[\s\S]*crosses itself/);
    await picture("fence-import");
    await page.click(id("import-chosen"));
    await page.waitForSelector(id("import"), { state: "detached" });
    await eventually("two more places", async () => (await rowCount(page, "places")) === before + 2);
    await picture("fence-list");

    await page.fill(id("places-search"), "Import south");
    await eventually("the one", async () => (await rowCount(page, "places")) === 1);
    await page.locator(id("export-fences")).first().selectOption("Geojson");
    const toast = page.locator(id("toast")).filter({ hasText: "Written to" });
    const path = (await toast.innerText()).match(/Written to (.+)/)[1].trim();
    assert.ok(path.startsWith(exports), `${path} is told as it is`);
    const written = JSON.parse(readFileSync(path, "utf8"));
    assert.deepEqual(written.features.map((one) => one.properties.name), ["Import south"], "only what was shown");

    await page.locator(id("toast")).filter({ hasText: "imported" }).locator(id("undo-places")).click();
    await page.fill(id("places-search"), "Import");
    await eventually("both are gone", async () => (await rowCount(page, "places")) === 0);

    await page.fill(id("places-search"), "");
    await eventually("the others are there", async () => (await rowCount(page, "places")) === before);
    await page.locator(id("places-row")).first().click();
    await page.click(id("delete-place"));
    await page.click(id("confirm"));
    await eventually("it is gone", async () => (await rowCount(page, "places")) === before - 1);
    await page.locator(id("toast")).filter({ hasText: "deleted" }).locator(id("undo-places")).click();
    await eventually("it is back", async () => (await rowCount(page, "places")) === before);
  }, { backendArgs: ["--demo", "--sign-in", "dispatcher", "--exports", exports] })));

test("without a server a fence is edited, marked, and sent later", () =>
  withDesk(async ({ page }) => {
    await deskIsThere(page);
    await drawCircle(page, "Quay nine");
    await page.click(id("demo-server"));
    await page.waitForSelector(id("offline-banner"), { timeout: 60_000 });
    await page.click(id("edit-fence"));
    await eventually("its radius", async () => (await page.inputValue(id("fence-number"))) === "150");
    await page.fill(id("fence-number"), "180");
    await sizesBecome(page, /border 1131 m/);
    await page.check(id("fence-exit"));
    await page.click(id("save-fence"));
    await textBecomes(page, "fence-rules", /on entering, on leaving/);
    await page.waitForSelector(`${id("place-details")} ${id("unsent")}[data-unsent="waiting"]`);

    await page.click(id("demo-server"));
    await page.waitForSelector(id("offline-banner"), { state: "detached", timeout: 60_000 });
    await page.waitForSelector(`${id("place-details")} ${id("unsent")}`, { state: "detached", timeout: 60_000 });
    await textBecomes(page, "fence-rules", /on entering, on leaving/);
    await textBecomes(page, "place-details", /Circle, radius 180 m/);
  }, DISPATCHER));
