// The page itself: it loads, draws, and reports no error.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, withDesk } from "./harness.mjs";

test("the desk opens in a browser without an error", () =>
  withDesk(async ({ page, picture }) => {
    await eventually("the interface", () => page.evaluate(() => document.body.innerText.trim().length > 0));
    assert.match(await page.title(), /OfficeTrack/, "the page names the product");
    await picture("page");
  }));
