//! Starts `parapet lsp` in Zed.
//!
//! The binary is the one that the settings name, or the first on the `PATH` of the folder; nothing is downloaded. What the
//! settings say for the server is handed to it as it stands. The language itself is described in `languages/parapet`.

use zed_extension_api::serde_json::Value;
use zed_extension_api::settings::{CommandSettings, LspSettings};
use zed_extension_api::{self as zed, Command, EnvVars, LanguageServerId, Result, Worktree};

const BINARY: &str = "parapet";

struct Parapet;

impl zed::Extension for Parapet {
    fn new() -> Parapet {
        Parapet
    }

    fn language_server_command(&mut self, server: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let binary = settings(server, worktree)?.binary;
        command(binary, || worktree.which(BINARY), worktree.shell_env())
    }

    fn language_server_initialization_options(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        Ok(settings(server, worktree)?.initialization_options)
    }

    fn language_server_workspace_configuration(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        Ok(settings(server, worktree)?.settings)
    }
}

/// What stands below `lsp.parapet` in the settings.
fn settings(server: &LanguageServerId, worktree: &Worktree) -> Result<LspSettings> {
    LspSettings::for_worktree(server.as_ref(), worktree)
}

/// The command by the settings, and by what is found on the `PATH` where they name no binary.
fn command(binary: Option<CommandSettings>, found: impl FnOnce() -> Option<String>, shell: EnvVars) -> Result<Command> {
    let (path, args, further) = match binary {
        Some(binary) => (binary.path, binary.arguments, binary.env.unwrap_or_default()),
        None => (None, None, Default::default()),
    };
    let command = path
        .or_else(found)
        .ok_or("no `parapet` on the PATH; say where it is in `lsp.parapet.binary.path` of the settings")?;
    let mut env: EnvVars = shell.into_iter().filter(|(name, _)| !further.contains_key(name)).collect();
    env.extend(further);
    Ok(Command { command, args: args.unwrap_or_else(|| vec!["lsp".to_owned()]), env })
}

zed::register_extension!(Parapet);

#[cfg(test)]
mod tests {
    use super::*;

    fn shell() -> EnvVars {
        vec![("HOME".to_owned(), "/home/a".to_owned()), ("PATH".to_owned(), "/bin".to_owned())]
    }

    #[test]
    fn the_server_is_the_one_on_the_path() {
        let command = command(None, || Some("/bin/parapet".to_owned()), shell());
        let Ok(command) = command else { panic!("{command:?}") };
        assert_eq!(
            (&*command.command, &*command.args, command.env),
            ("/bin/parapet", &["lsp".to_owned()][..], shell())
        );
    }

    #[test]
    fn the_settings_come_before_the_path() {
        let environment = [("PATH".to_owned(), "/opt".to_owned())];
        let settings = CommandSettings {
            path: Some("/opt/parapet".to_owned()),
            arguments: None,
            env: Some(environment.clone().into()),
        };
        let command = command(Some(settings), || panic!("nobody looks"), shell());
        let Ok(command) = command else { panic!("{command:?}") };
        assert_eq!((&*command.command, &*command.args), ("/opt/parapet", &["lsp".to_owned()][..]));
        assert_eq!(command.env, [shell()[..1].to_vec(), environment.to_vec()].concat());
    }

    #[test]
    fn without_any_the_error_says_what_to_do() {
        let command = command(None, || None, shell());
        assert!(command.is_err_and(|why| why.contains("lsp.parapet.binary.path")));
    }
}
