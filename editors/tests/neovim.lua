-- What a person does in Neovim, against the real server. Runs from version 0.7 on, which Debian 12 has; so clients are
-- started by hand. SERVER is the binary.
local passed, failed = 0, 0

local function check(name, holds, more)
  if holds then passed = passed + 1 else failed = failed + 1 end
  io.stdout:write((holds and 'ok   ' or 'FAIL ') .. name .. (more and ' ' .. more or '') .. '\n')
end

local function wait(condition)
  return vim.wait(20000, condition, 5)
end

local id = vim.lsp.start_client({
  cmd = { os.getenv('SERVER'), 'lsp' },
  root_dir = vim.fn.getcwd(),
  name = 'parapet',
  init_options = { commands = true, inventories = { 'inventory.ndjson' } },
  flags = { debounce_text_changes = 0 },
})
vim.lsp.buf_attach_client(0, id)
local client = vim.lsp.get_client_by_id(id)
check('the server starts', wait(function() return client.initialized end))

local function place(line, column)
  return { textDocument = { uri = vim.uri_from_bufnr(0) }, position = { line = line, character = column } }
end

local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, 20000)
  local answer = answers and answers[id]
  return answer and answer.result
end

local function line_of(words)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(words, 1, true)
    if column then return number - 1, column - 1 end
  end
end

local function diagnostics()
  return vim.diagnostic.get(0)
end

local line, column = line_of('BackupRetentionPeriod ?? 0')
local hover = ask('textDocument/hover', place(line, column + 2))
check('hover', hover and hover.contents.value:find('BackupRetentionPeriod: Int?', 1, true) ~= nil)

local offers = ask('textDocument/completion', place(line, column + 6))
local labels = vim.tbl_map(function(item) return item.label end, offers and offers.items or {})
check('completion', vim.tbl_contains(labels, 'BackupRetentionPeriod'), #labels .. ' offers')

line, column = line_of('is_enough(days)')
local target = ask('textDocument/definition', place(line, column + 2))
check('definition in another file', target and target.uri:find('shared.parapet', 1, true) ~= nil)

-- This client is told of no changes, and asks.
local function verdicts()
  for _, lens in ipairs(ask('textDocument/codeLens', { textDocument = { uri = vim.uri_from_bufnr(0) } }) or {}) do
    local command = lens.command or {}
    if command.command == 'parapet.showVerdicts' then return command.title, command.arguments end
  end
end

local function says(title)
  for _ = 1, 400 do
    if verdicts() == title then return true end
    vim.wait(25)
  end
end

check('a lens counts verdicts of the inventory that is bound', says('1 fail, 2 pass'), tostring(verdicts()))
local _, arguments = verdicts()
local failing = (arguments or {})[3] or {}
check('and shows what fails', #failing == 1 and failing[1].uri:find('inventory.ndjson', 1, true) ~= nil)
line = line_of('require is_enough(days)')
vim.api.nvim_buf_set_lines(0, line, line + 1, false, { '    require is_enough(days) and days > 20' })
check('it follows an edit', says('2 fail (1 new), 1 pass'), tostring(verdicts()))
vim.api.nvim_buf_set_lines(0, line, line + 1, false, { '    require is_enough(days)' })
check('and its undoing', says('1 fail, 2 pass'), tostring(verdicts()))

line, column = line_of('is_enough(days)')
local references = place(line, column + 2)
references.context = { includeDeclaration = true }
check('references', #(ask('textDocument/references', references) or {}) == 3)

check('no diagnostics at first', #diagnostics() == 0)
line = line_of('BackupRetentionPeriod ?? 0')
vim.api.nvim_buf_set_lines(0, line, line + 1, false, { '    let days = db.BackupRetentionPeriods ?? 0' })
check('an edit brings a diagnostic', wait(function() return #diagnostics() == 1 end))
check('of the misspelt property', (diagnostics()[1] or {}).message:find('has no property', 1, true) ~= nil)

local range = vim.lsp.util.make_given_range_params({ line + 1, 20 }, { line + 1, 20 })
range.context = { diagnostics = {} }
local actions = ask('textDocument/codeAction', range) or {}
check('a quick fix', actions[1] and actions[1].title == 'Did you mean `BackupRetentionPeriod`?')
vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
check('which mends it', wait(function() return #diagnostics() == 0 end))

local times = {}
for _ = 1, 20 do
  local begin = vim.loop.hrtime()
  vim.api.nvim_buf_set_lines(0, line, line + 1, false, { '    let days = db.BackupRetentionPeriods ?? 0' })
  wait(function() return #diagnostics() == 1 end)
  times[#times + 1] = (vim.loop.hrtime() - begin) / 1e6
  vim.api.nvim_buf_set_lines(0, line, line + 1, false, { '    let days = db.BackupRetentionPeriod ?? 0' })
  wait(function() return #diagnostics() == 0 end)
end
table.sort(times)
check('from an edit to its diagnostic in a second', times[#times] < 1000, string.format('median %.1f ms, longest %.1f ms', times[10], times[#times]))

vim.api.nvim_buf_set_lines(0, line, line + 1, false, { '  let days=db.BackupRetentionPeriod??0' })
local edits = ask('textDocument/formatting', { textDocument = { uri = vim.uri_from_bufnr(0) }, options = { tabSize = 4, insertSpaces = true } })
vim.lsp.util.apply_text_edits(edits or {}, vim.api.nvim_get_current_buf(), client.offset_encoding)
check('formatting', vim.api.nvim_buf_get_lines(0, line, line + 1, false)[1] == '    let days = db.BackupRetentionPeriod ?? 0')

line, column = line_of('guardrail backups')
local rename = place(line, column + 12)
rename.newName = 'keeps_backups'
local edit = ask('textDocument/rename', rename)
vim.lsp.util.apply_workspace_edit(edit or {}, client.offset_encoding)
check('rename', line_of('expect keeps_backups passes') ~= nil and line_of('guardrail keeps_backups') ~= nil)
check('all is well at the end', wait(function() return #diagnostics() == 0 end))

client.stop()
check('the server ends', wait(function() return client.is_stopped() end))
io.stdout:write(passed .. ' passed, ' .. failed .. ' failed\n')
vim.cmd(failed == 0 and 'qa!' or 'cquit!')
