// The real VS Code, in a real browser, with the packaged extension and the built server: `node vscode.mjs [FOLDER]`, where
// FOLDER takes the pictures. It does what a person does, and checks what a person sees.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { keyTo, plain, session } from './code.mjs';
import { here, parapet, workspace } from './common.mjs';

const pictures = path.resolve(process.argv[2] ?? path.join(here, 'out'));
fs.mkdirSync(pictures, { recursive: true });

let passed = 0;
let failed = 0;
function check(name, holds, more = '') {
  if (holds) passed += 1;
  else failed += 1;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${name} ${more}`);
}

const folder = workspace();

/** Does something again until it shows: what the editor draws anew meanwhile swallows a click, or closes a menu. */
async function until(page, selector, act) {
  for (let tries = 0; tries < 5; tries += 1) {
    await act();
    const shown = await page.waitForSelector(selector, { timeout: 4_000 }).catch(() => undefined);
    if (shown) return;
  }
  throw new Error(`never shown: ${selector}`);
}

async function drive(page, { lines, waitFor, picture, goTo, open }, refused) {
  check('the extension installs', refused === '', refused);
  await open('main.parapet');

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
  await open('main.parapet');

  await page.locator('.codelens-decoration a', { hasText: 'Run test' }).first().click();
  check('a test runs', await waitFor('result', async () => (await page.locator('.codicon-testing-passed-icon, .testing-run-glyph.codicon-testing-passed-icon, .codicon-testing-failed-icon').count()) > 0));
  await picture('test');
  await template(page, { lines, waitFor, picture, goTo, open });
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
  const begins = async () => (await page.locator('.codelens-decoration a').allInnerTexts()).map(plain).includes('1 starts failing');
  check('a lens of its own has what begins to fail', await waitFor('1 starts failing', begins));
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

/** Opens a template that fails, and mends it; the rules are as the steps before left them, unsaved. */
async function template(page, { lines, waitFor, picture, goTo, open }) {
  await open('template.yaml');
  const squiggles = () => page.locator('.squiggly-error').count();
  check('a finding in a template', await waitFor('a finding', async () => (await squiggles()) > 0));
  await goTo(5, 30);
  await page.keyboard.press('Control+K');
  await page.keyboard.press('Control+I');
  check('the guardrail on hover', await waitFor('hover', async () => plain((await page.locator('.monaco-hover').allInnerTexts()).join(' ')).includes('keeps 3 days')));
  check('and what mends it', await waitFor('the fix', async () => plain((await page.locator('.monaco-hover').allInnerTexts()).join(' ')).includes('Set BackupRetentionPeriod')));
  await picture('template');
  await page.keyboard.press('Escape');
  await page.keyboard.press('End');
  await page.keyboard.type('0');
  const mended = page.locator('.view-line', { hasText: 'BackupRetentionPeriod: 30' });
  check('and none when it is mended', await waitFor('no finding', async () => (await mended.count()) > 0 && (await squiggles()) === 0));
}

/** A folder without rules, where the standard library judges: the template alone wakes the extension. */
async function alone(page, { waitFor, picture, open }) {
  await open('stack.yaml');
  check('a finding where there are no rules', await waitFor('a finding', async () => (await page.locator('.squiggly-error').count()) > 0));
  await picture('alone');
}

const stack = fs.mkdtempSync(path.join(os.tmpdir(), 'parapet-editor-'));
fs.writeFileSync(path.join(stack, 'stack.yaml'), 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  Data:\n    Type: AWS::S3::Bucket\n');
try {
  await session({ binary: parapet(), folder, pictures }, drive);
  await session({ binary: parapet(), folder: stack, pictures }, alone);
} catch (error) {
  check('no step broke off', false, String(error).slice(0, 600));
} finally {
  for (const made of [folder, stack]) fs.rmSync(made, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
