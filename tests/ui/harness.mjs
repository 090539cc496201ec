// What every UI test needs: programs on free ports, Chromium, and pages that must stay free of errors.
//
// `cargo xtask test` builds the programs and names them in the environment.

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const STARTS_WITHIN_MS = 60_000;

/** Runs `story(desk)` with a fresh backend and page, and fails if the page reported an error meanwhile. */
export const withDesk = (story, { backendArgs = ["--demo"], viewport } = {}) =>
  withStage(async (stage) => {
    const backend = await stage.startBackend(backendArgs);
    const desk = await stage.openPage(backend.url, { viewport });
    await story({ ...desk, url: backend.url, backend });
  });

/**
 * Runs `story(stage)`; what it started through the stage is stopped afterwards, the last one first. Fails if a page that was
 * opened through it reported an error.
 */
export async function withStage(story) {
  const pages = [];
  const started = [];
  const keep = async (starting) => {
    const one = await starting;
    started.push(one);
    return one;
  };
  try {
    const { browser } = await keep(launchChromium());
    const stage = {
      startBackend: (args) => keep(startBackend(args)),
      keep,
      openPage: async (url, options) => {
        const opened = await openPage(browser, url, options);
        pages.push(opened);
        return opened;
      },
    };
    try {
      await story(stage);
    } catch (failure) {
      for (const [index, { picture }] of pages.entries()) {
        await picture(index === 0 ? "failed" : `failed-${index + 1}`);
      }
      const errors = pages.flatMap((opened) => opened.errors);
      throw errors.length > 0 ? new Error(`${failure.message}\n${told(errors)}`, { cause: failure }) : failure;
    }
    const errors = pages.flatMap((opened) => opened.errors);
    if (errors.length > 0) {
      throw new Error(told(errors));
    }
  } finally {
    for (const one of started.reverse()) {
      await one.stop();
    }
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

const startBackend = (args) => startProgram("OFFICETRACK_DEV_BACKEND", (port) => ["--port", String(port), ...args]);

/** The reference server with the demo company in memory, and no phones: nothing moves but what the story moves. */
export const startServer = () =>
  startProgram("OFFICETRACK_SERVER", (port) => ["demo", "--listen", `127.0.0.1:${port}`, "--codes", "/dev/null"]);

/** Starts the program that `variable` names, on a free port, and waits until it answers. */
async function startProgram(variable, argsOn) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const process = spawn(given(variable), argsOn(port), { stdio: ["ignore", "inherit", "inherit"] });
  const ended = new Promise((resolve) => process.once("exit", resolve));
  let failure;
  process.once("error", (error) => (failure = error));
  const stop = async () => {
    process.kill("SIGTERM");
    const late = sleep(10_000, "late", { ref: false });
    if ((await Promise.race([ended, late])) === "late") {
      process.kill("SIGKILL");
      await ended;
    }
  };
  const answers = async () => {
    if (failure || process.exitCode !== null) {
      throw failure ?? new Error(`${variable} ended with ${process.exitCode}`);
    }
    return fetch(url).then(() => true, () => false);
  };
  try {
    await eventually(variable, answers, STARTS_WITHIN_MS);
  } catch (problem) {
    await stop();
    throw problem;
  }
  return { url, port, stop, process };
}

async function openPage(browser, url, { viewport = { width: 1600, height: 1000 } } = {}) {
  const context = await browser.newContext({ viewport, permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  const errors = collectErrors(page);
  await page.goto(url);
  return { page, errors, picture: (name) => picture(page, name) };
}

async function launchChromium() {
  const { chromium } = createRequire(join(given("OFFICETRACK_UI_MODULES"), "-"))("playwright-core");
  // Without a graphics card WebGL runs in software; root, as in containers, cannot use the sandbox.
  const args = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"];
  const browser = await chromium.launch({ executablePath: given("OFFICETRACK_CHROMIUM"), args });
  return { browser, stop: () => browser.close() };
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

/** A port of loopback that nobody uses now. */
export function freePort() {
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
