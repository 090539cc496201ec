// What every UI test needs: the dev backend on a free port, Chromium, and a page that must stay free of errors.
//
// `cargo xtask test` builds both and names them in the environment.

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const BACKEND_STARTS_WITHIN_MS = 60_000;

/** Runs `story(desk)` with a fresh backend and page, and fails if the page reported an error meanwhile. */
export async function withDesk(story, { backendArgs = ["--demo"], viewport = { width: 1600, height: 1000 } } = {}) {
  const backend = await startBackend(backendArgs);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport });
    const errors = collectErrors(page);
    await page.goto(backend.url);
    try {
      await story({ page, url: backend.url, backend, errors, picture: (name) => picture(page, name) });
    } catch (failure) {
      await picture(page, "failed");
      throw errors.length > 0 ? new Error(`${failure.message}\n${told(errors)}`, { cause: failure }) : failure;
    }
    if (errors.length > 0) {
      throw new Error(told(errors));
    }
  } finally {
    await browser.close();
    await backend.stop();
  }
}

/** Asks until `probe()` gives something; the error names what was awaited. */
export async function eventually(what, probe, withinMs = 30_000) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await probe();
    if (answer) {
      return answer;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    }
    await sleep(100);
  }
}

async function startBackend(args) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const process = spawn(given("OFFICETRACK_DEV_BACKEND"), ["--port", String(port), ...args], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const ended = new Promise((resolve) => process.once("exit", resolve));
  let failure;
  process.once("error", (error) => (failure = error));
  await eventually(
    "the dev backend",
    async () => {
      if (failure || process.exitCode !== null) {
        throw failure ?? new Error(`the dev backend ended with ${process.exitCode}`);
      }
      return fetch(url).then((answer) => answer.ok, () => false);
    },
    BACKEND_STARTS_WITHIN_MS,
  );
  const stop = async () => {
    process.kill("SIGTERM");
    const late = sleep(10_000, "late", { ref: false });
    if ((await Promise.race([ended, late])) === "late") {
      process.kill("SIGKILL");
      await ended;
    }
  };
  return { url, stop, process };
}

function launchChromium() {
  const { chromium } = createRequire(join(given("OFFICETRACK_UI_MODULES"), "-"))("playwright-core");
  // Without a graphics card WebGL runs in software; root, as in containers, cannot use the sandbox.
  const args = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"];
  return chromium.launch({ executablePath: given("OFFICETRACK_CHROMIUM"), args });
}

function collectErrors(page) {
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error.stack ?? error)));
  page.on("console", (message) => {
    // A tile outside the region is a 404, which browsers print as an error.
    const expected = /\/tiles\//.test(message.location().url);
    if (message.type() === "error" && !expected) {
      errors.push(`${message.text()} (${message.location().url})`);
    }
  });
  return errors;
}

function told(errors) {
  return `the page reported errors:\n${errors.join("\n")}`;
}

async function picture(page, name) {
  const folder = given("OFFICETRACK_UI_OUT");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  return path;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function given(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: run \`cargo xtask test\``);
  }
  return value;
}
