// The extension: it starts `parapet lsp`, and gives its answers the places that VS Code has for them.
'use strict';

const vscode = require('vscode');
const { LanguageClient, State } = require('vscode-languageclient/node');
const { inventoriesOf, withPicked } = require('./inventories');
const { findServer, testsOf } = require('./server');
const { LANGUAGES, mayBeTemplate } = require('./templates');

/** Documents that may be templates or plans; the server looks which are. */
const TEMPLATES = LANGUAGES.map((language) => ({ scheme: 'file', language }));

/** What lives as long as the extension. */
let client;
let status;
let output;
let tests;

async function activate(context) {
  output = vscode.window.createOutputChannel('Parapet', { log: true });
  status = vscode.window.createStatusBarItem('parapet.status', vscode.StatusBarAlignment.Right, 50);
  status.name = 'Parapet';
  status.command = 'parapet.showOutput';
  tests = new Tests();
  context.subscriptions.push(
    output,
    status,
    tests.controller,
    vscode.commands.registerCommand('parapet.restart', () => {
      wanted = true;
      return restart();
    }),
    vscode.commands.registerCommand('parapet.showOutput', () => output.show(true)),
    vscode.commands.registerCommand('parapet.showReferences', showReferences),
    // What a guardrail says, and what an edit that is not saved makes fail, or not fail any more.
    ...['parapet.showVerdicts', 'parapet.showNew', 'parapet.showNoMore'].map((command) =>
      vscode.commands.registerCommand(command, showVerdicts)),
    vscode.commands.registerCommand('parapet.runTest', (uri, title) => tests.runOne(vscode.Uri.parse(uri), title)),
    vscode.commands.registerCommand('parapet.testFile', () => {
      const editor = vscode.window.activeTextEditor;
      if (editor) return tests.runOne(editor.document.uri);
    }),
    vscode.commands.registerCommand('parapet.check', check),
    vscode.commands.registerCommand('parapet.bind', bind),
    vscode.commands.registerCommand('parapet.unbind', unbind),
    vscode.tasks.registerTaskProvider('parapet', new Tasks()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      const settings = ['parapet.server', 'parapet.codeLens', 'parapet.templates'];
      if (settings.some((setting) => change.affectsConfiguration(setting))) {
        if (wanted) restart();
        else vscode.workspace.textDocuments.forEach(startFor);
      } else if (change.affectsConfiguration('parapet.inventories')) rebind();
    }),
  );
  tests.watch(context);
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(startFor),
    vscode.workspace.onDidSaveTextDocument(startFor),
  );
  vscode.workspace.textDocuments.forEach(startFor);
  const rules = wanted ? [] : await vscode.workspace.findFiles('**/{*.parapet,parapet.toml}', '**/{node_modules,target}/**', 1);
  if (!wanted && rules.length > 0) {
    wanted = true;
    restart();
  }
  await restarting;
}

/** There is something for the server: rules, or a document that may be a template. Any other JSON or YAML starts nothing. */
let wanted = false;

function startFor(document) {
  if (wanted) return;
  const isRules = document.languageId === 'parapet' || /(^|[\\/])parapet\.toml$/.test(document.uri.fsPath);
  const judges = vscode.workspace.getConfiguration('parapet').get('templates', true);
  const isTemplate = () => judges && document.uri.scheme === 'file' && LANGUAGES.includes(document.languageId)
    && mayBeTemplate(document.uri.fsPath, document.getText());
  if (!isRules && !isTemplate()) return;
  wanted = true;
  restart();
}

async function deactivate() {
  await stop();
}

/** The folder that paths of the settings are relative to. */
function folder() {
  return vscode.workspace.workspaceFolders?.find((known) => known.uri.scheme === 'file')?.uri.fsPath;
}

/** The path of the server; where there is none, the person is told why, and offered to choose one. */
function server() {
  const setting = vscode.workspace.getConfiguration('parapet').get('server.path', '');
  const found = findServer(setting, process.env, process.platform, folder());
  if (found.path) return found.path;
  show('$(error) Parapet', `The server does not run: ${found.problem}`, true);
  output.error(found.problem);
  // Nobody waits for the answer: what it changes starts the server.
  choose(found.problem);
  return undefined;
}

async function choose(problem) {
  const choice = await vscode.window.showErrorMessage(`Parapet cannot start: ${problem}.`, 'Choose the program…', 'Settings');
  if (choice === 'Settings') {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'parapet.server.path');
  } else if (choice) {
    const picked = await vscode.window.showOpenDialog({ canSelectMany: false, openLabel: 'Use this program' });
    if (picked?.[0]) {
      const target = vscode.ConfigurationTarget.Global;
      await vscode.workspace.getConfiguration('parapet').update('server.path', picked[0].fsPath, target);
    }
  }
}

async function start() {
  const command = server();
  if (!command) return;
  const settings = vscode.workspace.getConfiguration('parapet');
  const env = { ...process.env, ...settings.get('server.environment', {}) };
  const run = { command, args: ['lsp', '--stdio'], options: { env } };
  client = new LanguageClient(
    'parapet',
    'Parapet',
    { run, debug: run },
    {
      documentSelector: [
        { scheme: 'file', language: 'parapet' },
        { scheme: 'untitled', language: 'parapet' },
        { scheme: 'file', pattern: '**/parapet.toml' },
        ...(settings.get('templates', true) ? TEMPLATES : []),
      ],
      outputChannel: output,
      initializationOptions: {
        commands: settings.get('codeLens', true),
        // Inventories are bound in the settings of a folder.
        bind: folder() !== undefined && vscode.workspace.isTrusted,
        inventories: inventories(),
      },
    },
  );
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Starting) show('$(sync~spin) Parapet', 'The server starts');
    if (newState === State.Running) {
      const version = client?.initializeResult?.serverInfo?.version ?? '';
      show('$(shield) Parapet', `Parapet ${version}\n${command}`);
    }
    if (newState === State.Stopped) show('$(debug-disconnect) Parapet', 'The server does not run', true);
  });
  try {
    await client.start();
  } catch (error) {
    output.error(String(error));
    show('$(error) Parapet', `The server does not run: ${error}`, true);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.dispose().catch((error) => output.error(String(error)));
}

/** One after the other: settings change in several steps. */
let restarting = Promise.resolve();

function restart() {
  restarting = restarting.then(stop).then(start);
  return restarting;
}

/** The inventories that are bound. */
function inventories() {
  const setting = vscode.workspace.getConfiguration('parapet').get('inventories', []);
  return inventoriesOf(setting, process.env, folder());
}

/** Tells the server what is bound now. One that starts meanwhile may have been told what was bound before. */
function rebind() {
  restarting = restarting.then(async () => {
    if (!client?.isRunning()) return;
    await client.sendNotification('workspace/didChangeConfiguration', { settings: { parapet: { inventories: inventories() } } });
  }).catch((error) => output.error(String(error)));
}

function show(text, tooltip, warns = false) {
  status.text = text;
  status.tooltip = tooltip;
  status.backgroundColor = warns ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
  status.show();
}

/** Shows places that a lens counted. */
function showReferences(uri, position, locations) {
  const at = new vscode.Position(position.line, position.character);
  const range = ({ start, end }) => new vscode.Range(start.line, start.character, end.line, end.character);
  const places = locations.map((place) => new vscode.Location(vscode.Uri.parse(place.uri), range(place.range)));
  return vscode.commands.executeCommand('editor.action.showReferences', vscode.Uri.parse(uri), at, places);
}

/** Shows what a lens counted: what fails, else what is unknown. Accounts stand nowhere, and what was not judged neither. */
function showVerdicts(uri, position, locations) {
  if (locations.length > 0) return showReferences(uri, position, locations);
  return vscode.window.showInformationMessage('There is nothing to show here.');
}

/** Binds what a person picks, beside what is bound. */
async function bind() {
  const options = { canSelectFiles: true, canSelectFolders: true, canSelectMany: true, openLabel: 'Bind' };
  const picked = await vscode.window.showOpenDialog(options);
  if (!picked) return;
  const settings = vscode.workspace.getConfiguration('parapet');
  const paths = picked.filter((uri) => uri.scheme === 'file').map((uri) => uri.fsPath);
  const bound = withPicked(settings.get('inventories', []), paths, folder());
  await settings.update('inventories', bound, vscode.ConfigurationTarget.Workspace);
}

async function unbind() {
  const settings = vscode.workspace.getConfiguration('parapet');
  // What all folders share is not bound here, either.
  const bound = settings.inspect('inventories')?.globalValue?.length ? [] : undefined;
  await settings.update('inventories', bound, vscode.ConfigurationTarget.Workspace);
}

/** Runs `parapet check` over what a person picks. */
async function check() {
  const command = server();
  if (!command) return;
  const options = { canSelectFiles: true, canSelectFolders: true, canSelectMany: true, openLabel: 'Check' };
  const picked = await vscode.window.showOpenDialog(options);
  if (!picked) return;
  const execution = new vscode.ProcessExecution(command, ['check', ...picked.map((uri) => uri.fsPath)]);
  const scope = vscode.workspace.workspaceFolders?.[0] ?? vscode.TaskScope.Workspace;
  await vscode.tasks.executeTask(new vscode.Task({ type: 'parapet', command: 'check' }, scope, 'check', 'parapet', execution));
}

/** The commands of `parapet` as tasks. */
class Tasks {
  provideTasks() {
    return ['lint', 'test', 'fmt'].map((command) => this.task({ type: 'parapet', command })).filter(Boolean);
  }

  resolveTask(task) {
    return this.task(task.definition, task.scope);
  }

  task(definition, scope = vscode.TaskScope.Workspace) {
    const setting = vscode.workspace.getConfiguration('parapet').get('server.path', '');
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    const found = findServer(setting, process.env, process.platform, folder);
    if (!found.path) return undefined;
    const execution = new vscode.ProcessExecution(found.path, [definition.command, ...(definition.args ?? ['.'])]);
    return new vscode.Task(definition, scope, definition.command, 'parapet', execution, ['$parapet', '$parapet-test', '$parapet-fmt']);
  }
}

/** The tests of all rules, in the test view. */
class Tests {
  constructor() {
    this.controller = vscode.tests.createTestController('parapet', 'Parapet');
    this.controller.resolveHandler = (item) => (item ? undefined : this.findAll());
    this.controller.refreshHandler = () => this.findAll();
    const run = (request, token) => this.run(request, token);
    this.controller.createRunProfile('Run', vscode.TestRunProfileKind.Run, run, true);
  }

  watch(context) {
    const files = vscode.workspace.createFileSystemWatcher('**/*.parapet');
    const of = (document) => {
      if (document.languageId === 'parapet') this.update(document.uri, document.getText());
    };
    context.subscriptions.push(
      files,
      files.onDidCreate((uri) => this.find(uri)),
      files.onDidChange((uri) => this.find(uri)),
      files.onDidDelete((uri) => this.controller.items.delete(uri.toString())),
      vscode.workspace.onDidOpenTextDocument(of),
      vscode.workspace.onDidChangeTextDocument(({ document }) => of(document)),
    );
    vscode.workspace.textDocuments.forEach(of);
    this.findAll();
  }

  async findAll() {
    const found = await vscode.workspace.findFiles('**/*.parapet', '**/{node_modules,target}/**');
    await Promise.all(found.map((uri) => this.find(uri)));
  }

  async find(uri) {
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
    if (open) return this.update(uri, open.getText());
    try {
      const bytes = await vscode.workspace.fs.readFile(uri);
      this.update(uri, new TextDecoder().decode(bytes));
    } catch {
      // It went away meanwhile.
      this.controller.items.delete(uri.toString());
    }
  }

  update(uri, text) {
    const found = testsOf(text);
    const id = uri.toString();
    if (found.length === 0) return this.controller.items.delete(id);
    const known = this.controller.items.get(id);
    const file = known ?? this.controller.createTestItem(id, vscode.workspace.asRelativePath(uri), uri);
    const items = found.map(({ title, line }) => {
      const item = this.controller.createTestItem(`${id}#${title}`, title, uri);
      item.range = new vscode.Range(line, 0, line, 0);
      return item;
    });
    const same = known && known.children.size === items.length && items.every((item) => known.children.get(item.id));
    // Results stay with items that are the same.
    if (same) items.forEach((item) => (known.children.get(item.id).range = item.range));
    else file.children.replace(items);
    if (!known) this.controller.items.add(file);
  }

  /** Runs one test, or those of a file, as the view does. */
  async runOne(uri, title) {
    await this.find(uri);
    const file = this.controller.items.get(uri.toString());
    const item = title === undefined ? file : file?.children.get(`${uri}#${title}`);
    if (!item) return vscode.window.showInformationMessage('There is no test here.');
    const cancel = new vscode.CancellationTokenSource();
    await this.run(new vscode.TestRunRequest([item]), cancel.token);
  }

  async run(request, token) {
    const run = this.controller.createTestRun(request);
    const wanted = request.include ?? [...this.controller.items].map(([, item]) => item);
    const excluded = new Set(request.exclude ?? []);
    try {
      for (const item of wanted) {
        if (token.isCancellationRequested) break;
        const leaves = (item.children.size ? [...item.children].map(([, child]) => child) : [item]).filter((leaf) => !excluded.has(leaf));
        leaves.forEach((leaf) => run.started(leaf));
        const title = item.children.size ? undefined : item.label;
        const answer = await this.ask(item.uri, title);
        leaves.forEach((leaf) => report(run, leaf, answer));
      }
    } finally {
      run.end();
    }
  }

  async ask(uri, title) {
    if (!client) return { error: 'the server does not run' };
    const given = title === undefined ? [uri.toString()] : [uri.toString(), title];
    try {
      return await client.sendRequest('workspace/executeCommand', { command: 'parapet.test', arguments: given });
    } catch (error) {
      return { error: String(error) };
    }
  }
}

function report(run, item, answer) {
  const tested = answer.tests?.find((tested) => tested.title === item.label);
  const at = (message) => {
    const told = new vscode.TestMessage(message);
    told.location = new vscode.Location(item.uri, item.range ?? new vscode.Range(0, 0, 0, 0));
    return told;
  };
  if (!tested) return run.errored(item, at(answer.error ?? 'the test was not found'));
  return tested.passed ? run.passed(item) : run.failed(item, at(tested.message ?? 'the test failed'));
}

module.exports = { activate, deactivate };
