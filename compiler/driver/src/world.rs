//! The world that the inputs of a run make: their resources, what was collected, and what is told of the accounts.

use parapet_interpreter::{Account, World};
use parapet_inventory::{Organisation, Told};
use parapet_ir::Projection;
use parapet_model::{Reason, Value};

use crate::inputs::Inputs;

/// Makes the world; the inputs keep the rest.
pub(crate) fn world(inputs: &mut Inputs, projection: &Projection) -> World {
    let resources = std::mem::take(&mut inputs.resources);
    let mut world = World::new(resources, &inputs.coverage, &projection.collections, projection.everything);
    world.tell_accounts(|id| account(&inputs.organisation, id));
    world
}

/// An account as the inputs tell of it; `None` when they tell nothing.
fn account(organisation: &Organisation, id: &str) -> Option<Account> {
    let described = organisation.account(id)?;
    let never = |what: &str| {
        Value::unknown(Reason::NotObservable, format!("not observable: no input tells the {what} of account {id}"))
    };
    let differently =
        |what: &str| Value::unknown(Reason::Other, format!("inputs disagree about the {what} of account {id}"));
    let text = |told, what: &str| match told {
        Told::Never => never(what),
        Told::Once(text) => Value::Text(text),
        Told::Differently => differently(what),
    };
    let ou = match described.path {
        None => never("organizational unit"),
        Some(Ok(path)) => Value::Text(path),
        Some(Err(why)) => {
            let why = format!("not observable: the organizational unit of account {id} is not known, since {why}");
            Value::unknown(Reason::NotObservable, why)
        }
    };
    let tags = match described.tags {
        Told::Never => never("tags"),
        Told::Once(tags) => {
            let tags = tags.into_iter().map(|(key, value)| (key, Value::Text(value)));
            Value::Map(std::sync::Arc::new(tags.collect()))
        }
        Told::Differently => differently("tags"),
    };
    let (name, email) = (text(described.name, "name"), text(described.email, "e-mail address"));
    Some(Account { id: Value::text(id), name, email, ou, tags })
}

/// So many accounts are named in a notice.
const MOST_NAMED: usize = 5;

/// What to say of accounts that the organisation has and no record names: nothing was collected there.
pub(crate) fn unseen(world: &World, organisation: &Organisation) -> Option<String> {
    let seen = |id: &str| world.accounts().iter().any(|account| account.id.as_text() == Some(id));
    let unseen: Vec<&str> = organisation.accounts().into_iter().map(|id| &**id).filter(|id| !seen(id)).collect();
    let named = unseen.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = if unseen.len() > MOST_NAMED { ", …" } else { "" };
    match unseen.len() {
        0 => None,
        1 => Some(format!("1 account of the organisation is named by no record, and so not judged: {named}")),
        count => Some(format!(
            "{count} accounts of the organisation are named by no record, and so not judged: {named}{more}"
        )),
    }
}
